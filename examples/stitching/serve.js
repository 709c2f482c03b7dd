// Serves a schema with GraphQL Yoga.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { stitchingDirectives } from '@graphql-tools/stitching-directives';
import { createYoga } from 'graphql-yoga';

const { stitchingDirectivesTypeDefs } = stitchingDirectives();
const SDL_FIELD = 'extend type Query { "This service\'s schema, for the gateway." _sdl: String! }';

/** Serves one of the services of this folder on a free port; gives its address and a function that stops it. */
export async function serveService(name) {
  const typeDefs = await readFile(new URL(`services/${name}.graphql`, import.meta.url), 'utf8');
  const { resolvers } = await import(`./services/${name}.js`);
  const schema = makeExecutableSchema({
    typeDefs: [stitchingDirectivesTypeDefs, typeDefs, SDL_FIELD],
    resolvers: { ...resolvers, Query: { ...resolvers.Query, _sdl: () => `${stitchingDirectivesTypeDefs}\n${typeDefs}` } },
  });
  return serve(schema);
}

/** Serves a schema. Its context holds the request's headers. */
export async function serve(schema, port = 0) {
  const yoga = createYoga({
    schema,
    context: ({ request }) => ({ headers: Object.fromEntries(request.headers) }),
    logging: 'warn',
  });
  const server = createServer(yoga);
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}/graphql`, stop };
}
