import { orders } from '../../shared/data.js';

export const resolvers = {
  Query: {
    orders: (_, { first }) => orders.slice(0, first),
  },
  Order: {
    __resolveReference: ({ id }) => orders.find((order) => order.id === id),
    customer: ({ customerId }) => ({ __typename: 'Customer', id: customerId }),
  },
  Customer: {
    orders: ({ id }) => orders.filter((order) => order.customerId === id),
  },
};
