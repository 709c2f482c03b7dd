// Serves a schema or a gateway with Apollo Server.
import { readFile } from 'node:fs/promises';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';

/** Serves one of the subgraphs of this folder on a free port; gives its address and a function that stops it. */
export async function serveSubgraph(name) {
  const file = new URL(`subgraphs/${name}.graphql`, import.meta.url);
  const { resolvers } = await import(`./subgraphs/${name}.js`);
  const schema = buildSubgraphSchema({ typeDefs: parse(await readFile(file, 'utf8')), resolvers });
  return serve({ schema, plugins: [ApolloServerPluginInlineTraceDisabled()] });
}

/** Serves what Apollo Server takes. Its context holds the request's headers. */
export async function serve(config, port = 0) {
  const server = new ApolloServer({ ...config, includeStacktraceInErrorResponses: false });
  const context = async ({ req }) => ({ headers: req.headers });
  const { url } = await startStandaloneServer(server, { listen: { port, host: '127.0.0.1' }, context });
  return { url, stop: () => server.stop() };
}
