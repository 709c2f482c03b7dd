import { ApolloGateway, IntrospectAndCompose, RemoteGraphQLDataSource } from '@apollo/gateway';
import { passedOn } from '../shared/demo.js';

/** Passes the caller's credential, request id and trace on to a subgraph. */
class Subgraph extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    for (const [name, value] of Object.entries(passedOn(context.headers))) request.http.headers.set(name, value);
  }
}

// Unless it is told not to, Apollo's gateway asks cloud providers where it runs and reports to Apollo every hour.
process.env.APOLLO_TELEMETRY_DISABLED ??= 'true';

/** A gateway that asks each subgraph for its SDL and composes them when it starts. */
export function makeGateway(subgraphs) {
  return new ApolloGateway({
    supergraphSdl: new IntrospectAndCompose({ subgraphs }),
    buildService: ({ url }) => new Subgraph({ url }),
  });
}
