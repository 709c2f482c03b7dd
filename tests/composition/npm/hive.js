// node hive.js FILE: composes custgraph (CUSTGRAPH_URL) with the federation example's subgraphs, writes the supergraph to
// FILE, and has Hive Gateway serve it. Prints the gateway's address.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { serveSubgraph } from '../../../examples/federation/serve.js';
import { freePort, ready } from '../../../examples/shared/custgraph.js';

const read = (path) => parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const own = ['orders', 'enterprises'].map(async (name) => ({
  name,
  url: (await serveSubgraph(name)).url,
  typeDefs: read(`../../../examples/federation/subgraphs/${name}.graphql`),
}));
const custgraph = { name: 'custgraph', url: process.env.CUSTGRAPH_URL, typeDefs: read('../../../schema.graphql') };
const { supergraphSdl, errors } = composeServices([custgraph, ...(await Promise.all(own))]);
if (errors) throw new AggregateError(errors, errors.map(String).join('\n'));
const [file] = process.argv.slice(2);
writeFileSync(file, supergraphSdl);

const port = String(await freePort());
const options = ['--config-path', 'hive.config.js', '--host', '127.0.0.1', '--port', port];
const gateway = spawn('node_modules/.bin/hive-gateway', ['supergraph', file, ...options], { stdio: 'inherit' });
await ready(`http://127.0.0.1:${port}/readiness`, gateway);
console.log(`gateway      http://127.0.0.1:${port}/graphql`);
