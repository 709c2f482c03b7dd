// GraphQL Yoga, tuned: an undici pool instead of fetch, and graphql-jit.
'use strict';

const { createServer } = require('node:http');
const { createSchema, createYoga } = require('graphql-yoga');
const { useGraphQlJit } = require('@envelop/graphql-jit');
const { typeDefs, resolvers } = require('./schema');
const { contextFor } = require('./upstream');

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: ({ request }) => contextFor(request.headers.get('x-api-token')),
  plugins: [useGraphQlJit()],
  logging: false,
  graphiql: false,
});
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
