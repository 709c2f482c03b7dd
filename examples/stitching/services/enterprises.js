import { enterprises } from '../../shared/data.js';

const byId = (id) => enterprises.find((enterprise) => enterprise.id === id) ?? null;

export const resolvers = {
  Query: {
    enterprises: () => enterprises,
    enterprise: (_, { id }) => byId(id),
    enterprisesWithNames: (_, { ids }) => ids.map(byId),
  },
};
