// Apollo Server as its guides show it: standalone, RESTDataSource, a dataloader for each request.
'use strict';

const { ApolloServer } = require('@apollo/server');
const { startStandaloneServer } = require('@apollo/server/standalone');
const { RESTDataSource } = require('@apollo/datasource-rest');
const { typeDefs, resolvers, makeLoader } = require('./schema');

class Customers extends RESTDataSource {
  baseURL = process.env.UPSTREAM;

  constructor(cache, token) {
    super({ cache });
    this.token = token;
  }

  willSendRequest(_, request) {
    request.headers['x-api-token'] = this.token;
  }
}

const upstreamFor = (source) => ({
  get: (path) => source.get(path).catch((error) => {
    if (error.extensions?.response?.status === 404) return null;
    throw error;
  }),
  put: (path, body) => source.put(path, { body }),
});

async function main() {
  const server = new ApolloServer({ typeDefs, resolvers });
  await startStandaloneServer(server, {
    context: async ({ req }) => {
      const upstream = upstreamFor(new Customers(server.cache, req.headers['x-api-token']));
      return { upstream, loader: makeLoader(upstream) };
    },
    listen: { port: Number(process.env.PORT), host: '127.0.0.1' },
  });
}
main();
