// Lints the federation SDL that SCHEMA names by @graphql-eslint's recommended and Relay rules, with the exceptions below.
import { fileURLToPath } from 'node:url';
import graphql from '@graphql-eslint/eslint-plugin';

const definitions = fileURLToPath(new URL('../definitions/federation.graphql', import.meta.url));

export default [
  {
    files: ['**/*.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: [process.env.SCHEMA, definitions] } },
    },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      // Every element is described, not types and root fields alone.
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true,
          rootField: true,
          DirectiveDefinition: true,
          EnumValueDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
        },
      ],
      // Relay's identity is `nodeId`; values and what wraps objects have none.
      '@graphql-eslint/strict-id-in-types': [
        'error',
        {
          acceptedIdNames: ['nodeId'],
          exceptions: {
            types: ['PageInfo', 'CustomerAddress', 'AddressRegion', 'AddressCountry'],
            suffixes: ['Connection', 'Edge', 'Payload', 'UserError'],
          },
        },
      ],
      // Some lists are no pages: labels, errors, lookups by many keys, and a page's `nodes`.
      '@graphql-eslint/relay-edge-types': [
        'error',
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],
    },
  },
];
