// The gateway's schema for every Node peer: one upstream client goes in, resolvers with a dataloader come out.
'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const DataLoader = require('dataloader');

const typeDefs = readFileSync(join(__dirname, '..', 'schema.graphql'), 'utf8');
const BALANCE = 'extra_fields%5Bcustomer%5D=balance';
const CUSTOMERS = '/api/v1/customers';

const toAddress = (a) => a && {
  firstName: a.first_name,
  lastName: a.last_name,
  phone: a.phone,
  streetAddress1: a.street_address_1,
  streetAddress2: a.street_address_2,
  postalCode: a.postal_code,
  locality: a.locality,
  region: a.region,
  country: a.country,
  latitude: a.latitude,
  longitude: a.longitude,
};

const toCustomer = ({ id, attributes: a }) => ({
  __typename: 'Customer', // tells what member of _Entity it is, to every server alike
  id,
  enterprise: { id: String(a.enterprise_id) },
  firstName: a.first_name,
  lastName: a.last_name,
  code: a.code,
  email: a.email,
  tags: a.tags,
  allowCharges: a.allow_charges,
  termsAndConditionsAcceptedAt: a.terms_and_conditions_accepted_at,
  billingAddress: toAddress(a.billing_address),
  shippingAddress: toAddress(a.shipping_address),
  balance: a.balance === undefined ? null : String(a.balance),
});

const toCursor = (customer) => Buffer.from(customer.id).toString('base64');

async function list(upstream, enterpriseId, first = 50) {
  const filter = enterpriseId ? `enterprise_id=${encodeURIComponent(enterpriseId)}&` : '';
  const page = await upstream.get(`${CUSTOMERS}?${filter}per_page=${first}&${BALANCE}`);
  return { nodes: page.data.map(toCustomer), pagination: page.meta.pagination };
}

// One request's loader: one id is one GET, more are one search.
const makeLoader = (upstream) => new DataLoader(async (ids) => {
  if (ids.length === 1) {
    const found = await upstream.get(`${CUSTOMERS}/${ids[0]}`);
    return [found && toCustomer(found.data)];
  }
  const search = ids.map((id) => `q%5Bid_in%5D%5B%5D=${id}`).join('&');
  const page = await upstream.get(`${CUSTOMERS}?${search}&per_page=200&${BALANCE}`);
  const byId = new Map(page.data.map((row) => [row.id, row]));
  return ids.map((id) => (byId.has(id) ? toCustomer(byId.get(id)) : null));
}, { maxBatchSize: 200 });

const resolvers = {
  Query: {
    customer: (_, { id }, { loader }) => loader.load(id),
    customersByIds: (_, { ids }, { loader }) => loader.loadMany(ids),
    customers: (_, { enterpriseId, first }, { upstream }) => list(upstream, enterpriseId, first),
    enterprise: (_, { id }) => ({ id }),
    _entities: (_, { representations }, { loader }) => loader.loadMany(representations.map(({ id }) => id)),
  },
  Enterprise: {
    customers: ({ id }, { first }, { upstream }) => list(upstream, id, first),
  },
  CustomerConnection: {
    totalCount: ({ pagination }) => pagination.results,
    edges: ({ nodes }) => nodes.map((node) => ({ cursor: toCursor(node), node })),
    pageInfo: ({ nodes, pagination }) => ({
      hasNextPage: pagination.page < pagination.pages,
      hasPreviousPage: false,
      startCursor: nodes.length ? toCursor(nodes[0]) : null,
      endCursor: nodes.length ? toCursor(nodes[nodes.length - 1]) : null,
    }),
  },
  Mutation: {
    updateCustomer: async (_, { id, input }, { upstream }) => {
      const { data } = await upstream.put(`${CUSTOMERS}/${encodeURIComponent(id)}`, {
        enterprise_id: Number(input.enterpriseId),
        email: input.email,
        first_name: input.firstName,
        last_name: input.lastName,
      });
      return { customer: toCustomer(data), userErrors: [] };
    },
  },
};

module.exports = { typeDefs, resolvers, makeLoader };
