import { readFile } from 'node:fs/promises';
import { buildHTTPExecutor } from '@graphql-tools/executor-http';
import { stitchSchemas } from '@graphql-tools/stitch';
import { stitchingDirectives } from '@graphql-tools/stitching-directives';
import { filterSchema } from '@graphql-tools/utils';
import { buildSchema, parse } from 'graphql';
import { passedOn } from '../shared/demo.js';

const MOST_IDS = 200; // custgraph's `customersByIds` takes no more at once

/** What custgraph has and the enterprises service owns. */
const OWNED_ELSEWHERE = ['Query.enterprise', 'Enterprise.name'];

/** Root fields that the gateway alone asks for. */
const FOR_THE_GATEWAY = ['customersByIds', 'enterprisesByIds', 'customersWithOrders', 'enterprisesWithNames', '_sdl'];

const { stitchingDirectivesTransformer } = stitchingDirectives();

/** Stitches by directives: each service tells by `_sdl` how its types are merged. */
export async function byDirectives(urls) {
  const subschemas = Object.entries(urls).map(async ([name, url]) => {
    const executor = executorFor(url);
    const { data } = await executor({ document: parse('{ _sdl }') });
    return { schema: known(name, data._sdl), executor, batch: true };
  });
  return stitch(await Promise.all(subschemas), [stitchingDirectivesTransformer, limitBatches]);
}

/** Stitches by configuration: the gateway says how types are merged, no service needs directives. */
export async function byConfiguration(urls) {
  const byId = (fieldName) => ({
    selectionSet: '{ id }',
    fieldName,
    key: ({ id }) => id,
    argsFromKeys: (ids) => ({ ids }),
  });
  const merges = {
    custgraph: { Customer: byId('customersByIds'), Enterprise: byId('enterprisesByIds') },
    orders: { Customer: byId('customersWithOrders') },
    enterprises: { Enterprise: byId('enterprisesWithNames') },
  };
  const sdl = {
    custgraph: await read('../schemas/plain.graphql'),
    orders: await read('services/orders.graphql'),
    enterprises: await read('services/enterprises.graphql'),
  };
  const subschemas = Object.entries(urls).map(([name, url]) => ({
    schema: known(name, sdl[name]),
    executor: executorFor(url),
    batch: true,
    merge: merges[name],
  }));
  return stitch(subschemas, [limitBatches]);
}

function stitch(subschemas, subschemaConfigTransforms) {
  const schema = stitchSchemas({ subschemas, subschemaConfigTransforms });
  return filterSchema({ schema, rootFieldFilter: (_, name) => !FOR_THE_GATEWAY.includes(name) });
}

/** What the gateway is to know of a service's schema. */
function known(name, sdl) {
  const schema = buildSchema(sdl, { assumeValidSDL: true }); // its directives may have no definitions
  if (name !== 'custgraph') return schema;
  const fieldFilter = (type, field) => !OWNED_ELSEWHERE.includes(`${type}.${field}`);
  return filterSchema({ schema, fieldFilter, rootFieldFilter: fieldFilter });
}

/** Asks a service, and passes the caller's credential, request id and trace on to it. */
function executorFor(endpoint) {
  return buildHTTPExecutor({ endpoint, headers: (request) => passedOn(request?.context?.headers) });
}

function limitBatches(config) {
  for (const merged of Object.values(config.merge ?? {})) {
    for (const entry of merged.entryPoints ?? [merged]) entry.dataLoaderOptions = { maxBatchSize: MOST_IDS };
  }
  return config;
}

const read = (path) => readFile(new URL(path, import.meta.url), 'utf8');
