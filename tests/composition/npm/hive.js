// Hive Gateway over custgraph (CUSTGRAPH_URL) and the federation example's subgraphs. Prints its address and serves.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { serveSubgraph } from '../../../examples/federation/serve.js';
import { PASSED_ON } from '../../../examples/shared/demo.js';

const read = (path) => parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const own = ['orders', 'enterprises'].map(async (name) => ({
  name,
  url: (await serveSubgraph(name)).url,
  typeDefs: read(`../../../examples/federation/subgraphs/${name}.graphql`),
}));
const custgraph = { name: 'custgraph', url: process.env.CUSTGRAPH_URL, typeDefs: read('../../../schema.graphql') };
const { supergraphSdl, errors } = composeServices([custgraph, ...(await Promise.all(own))]);
if (errors) throw new AggregateError(errors, errors.map(String).join('\n'));

const gateway = createGatewayRuntime({
  supergraph: supergraphSdl,
  logging: 'warn',
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) =>
      Object.fromEntries(PASSED_ON.map((name) => [name, request.headers.get(name)])),
  },
});
const server = createServer(gateway);
server.listen(0, '127.0.0.1', () => console.log(`gateway      http://127.0.0.1:${server.address().port}/graphql`));
