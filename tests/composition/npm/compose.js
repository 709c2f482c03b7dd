// node compose.js COMPOSER NAME=FILE…: composes subgraphs and prints {errors, hints, supergraph} as JSON.
import { readFileSync } from 'node:fs';
import { parse, print } from 'graphql';

const composers = {
  async apollo(services) {
    const { composeServices } = await import('@apollo/composition');
    const { errors = [], hints = [], supergraphSdl } = composeServices(services);
    return { errors: errors.map(describe), hints: hints.map(describe), supergraph: supergraphSdl };
  },
  async guild(services) {
    const { composeServices } = await import('@theguild/federation-composition');
    const { errors = [], supergraphSdl } = composeServices(services);
    return { errors: errors.map(describe), hints: [], supergraph: supergraphSdl };
  },
  async wundergraph(services) {
    const { federateSubgraphs, ROUTER_COMPATIBILITY_VERSION_ONE } = await import('@wundergraph/composition');
    const subgraphs = services.map(({ name, url, typeDefs }) => ({ name, url, definitions: typeDefs }));
    const result = federateSubgraphs({ subgraphs, version: ROUTER_COMPATIBILITY_VERSION_ONE });
    return {
      errors: result.success ? [] : result.errors.map(describe),
      hints: result.warnings.map(describe),
      supergraph: result.success ? print(result.federatedGraphAST) : undefined,
    };
  },
};

function describe(problem) {
  const code = problem.extensions?.code ?? problem.definition?.code ?? problem.name;
  return { code, message: problem.message };
}

const [composer, ...subgraphs] = process.argv.slice(2);
const services = subgraphs.map((subgraph) => {
  const [name, file] = subgraph.split('=');
  return { name, url: `http://${name}.test/graphql`, typeDefs: parse(readFileSync(file, 'utf8')) };
});
console.log(JSON.stringify(await composers[composer](services)));
