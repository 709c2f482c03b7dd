// Asks one query three times with each client, and prints what it answered and what went over the wire, a client a line.
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { Client, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { GraphQLClient } from "graphql-request";

const endpoint = process.argv[2];
const QUERIES = ["apollo", "apolloGet", "urql", "graphqlRequest"].map((alias) => `query { ${alias}: __typename }`);
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** A fetch that notes of each exchange what was sent and what status came. */
function recording(sent) {
  return async (url, options) => {
    const response = await fetch(url, options);
    const body = options.body ? JSON.parse(options.body) : Object.fromEntries(new URL(url).searchParams);
    sent.push({
      method: options.method ?? "GET",
      text: body.query !== undefined && body.query !== "",
      hash: String(JSON.stringify(body.extensions)).includes("sha256Hash"),
      status: response.status,
      cache: response.headers.get("cache-control"),
    });
    return response;
  };
}

async function apollo(text, useGETForHashedQueries, sent) {
  const http = new HttpLink({ uri: endpoint, fetch: recording(sent) });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([new PersistedQueryLink({ sha256, useGETForHashedQueries }), http]),
  });
  return async () => (await client.query({ query: gql(text), fetchPolicy: "no-cache" })).data;
}

async function urql(text, sent) {
  const client = new Client({
    url: endpoint,
    fetch: recording(sent),
    requestPolicy: "network-only",
    preferGetMethod: false,
    exchanges: [persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange],
  });
  return async () => {
    const result = await client.query(text, {}).toPromise();
    if (result.error) throw result.error;
    return result.data;
  };
}

/** graphql-request has no persisted queries of its own: a middleware adds the hash, and leaves out the text at first. */
async function graphqlRequest(text, sent) {
  const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(text) } };
  let withText = false;
  const client = new GraphQLClient(endpoint, {
    fetch: recording(sent),
    requestMiddleware: (request) => {
      const { query, ...rest } = JSON.parse(request.body);
      return { ...request, body: JSON.stringify({ ...rest, ...(withText ? { query } : {}), extensions }) };
    },
  });
  return async () => {
    withText = false;
    try {
      return await client.request(text);
    } catch (error) {
      const codes = (error.response?.errors ?? []).map(({ message }) => message);
      if (!codes.includes("PersistedQueryNotFound") && !codes.includes("PersistedQueryNotSupported")) throw error;
      withText = true;
      return await client.request(text);
    }
  };
}

const clients = {
  apollo: (sent) => apollo(QUERIES[0], false, sent),
  apolloGet: (sent) => apollo(QUERIES[1], true, sent),
  urql: (sent) => urql(QUERIES[2], sent),
  graphqlRequest: (sent) => graphqlRequest(QUERIES[3], sent),
};

for (const [client, make] of Object.entries(clients)) {
  const sent = [];
  const ask = await make(sent);
  const answers = [];
  for (let time = 0; time < 3; time += 1) answers.push(await ask());
  console.log(JSON.stringify({ client, answers, sent }));
}
process.exit(0);
