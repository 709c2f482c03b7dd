// node compose.js COMPOSER NAME=FILE…: composes subgraphs and prints {errors, hints, supergraph} as JSON.
import { readFileSync } from 'node:fs';
import { composeServices as apollo } from '@apollo/composition';
import { composeServices as guild } from '@theguild/federation-composition';
import { federateSubgraphs, ROUTER_COMPATIBILITY_VERSION_ONE } from '@wundergraph/composition';
import { parse, print } from 'graphql';

const composers = {
  apollo(services) {
    const { errors = [], hints = [], supergraphSdl } = apollo(services);
    return { errors: errors.map(describe), hints: hints.map(describe), supergraph: supergraphSdl };
  },
  guild(services) {
    const { errors = [], supergraphSdl } = guild(services);
    return { errors: errors.map(describe), hints: [], supergraph: supergraphSdl };
  },
  wundergraph(services) {
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
console.log(JSON.stringify(composers[composer](services)));
