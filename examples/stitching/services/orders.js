import { orders } from '../../shared/data.js';

export const resolvers = {
  Query: {
    orders: (_, { first }) => orders.slice(0, first),
    customersWithOrders: (_, { ids }) => ids.map((id) => ({ id })),
  },
  Order: {
    customer: ({ customerId }) => ({ id: customerId }),
  },
  Customer: {
    orders: ({ id }) => orders.filter((order) => order.customerId === id),
  },
};
