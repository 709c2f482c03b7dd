// Mercurius on Fastify; with JIT=1 it compiles each query with graphql-jit at its first use.
'use strict';

const Fastify = require('fastify');
const mercurius = require('mercurius');
const { typeDefs, resolvers } = require('./schema');
const { contextFor } = require('./upstream');

const app = Fastify();
app.register(mercurius, {
  schema: typeDefs,
  resolvers,
  context: (request) => contextFor(request.headers['x-api-token']),
  jit: Number(process.env.JIT ?? 0),
});
app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
