// The configuration of Hive Gateway.
import { defineConfig } from '@graphql-hive/gateway';
import { PASSED_ON } from '../../../examples/shared/demo.js';

export const gatewayConfig = defineConfig({
  logging: 'warn',
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) =>
      Object.fromEntries(PASSED_ON.map((name) => [name, request.headers.get(name)])),
  },
});
