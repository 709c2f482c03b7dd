import { runExample } from '../shared/demo.js';
import { makeGateway } from './gateway.js';
import { serve, serveSubgraph } from './serve.js';

const QUERY = `{
  orders(first: 2) {
    total
    customer {
      firstName
      email
      enterprise { name town }
    }
  }
}`;

await runExample(QUERY, async (custgraph) => {
  const [orders, enterprises] = await Promise.all([serveSubgraph('orders'), serveSubgraph('enterprises')]);
  const gateway = makeGateway([
    { name: 'custgraph', url: custgraph },
    { name: 'orders', url: orders.url },
    { name: 'enterprises', url: enterprises.url },
  ]);
  const { url, stop } = await serve({ gateway }, Number(process.env.PORT ?? 4000));
  return {
    addresses: [['orders', orders.url], ['enterprises', enterprises.url], ['gateway', url]],
    stop: () => Promise.all([stop(), orders.stop(), enterprises.stop()]),
  };
});
