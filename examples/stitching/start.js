import { runExample } from '../shared/demo.js';
import { byConfiguration, byDirectives } from './gateway.js';
import { serve, serveService } from './serve.js';

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

const stitch = process.argv.includes('--configuration') ? byConfiguration : byDirectives;

const start = async (custgraph) => {
  const [orders, enterprises] = await Promise.all([serveService('orders'), serveService('enterprises')]);
  const schema = await stitch({ custgraph, orders: orders.url, enterprises: enterprises.url });
  const { url, stop } = await serve(schema, Number(process.env.PORT ?? 4000));
  return {
    addresses: [['orders', orders.url], ['enterprises', enterprises.url], ['gateway', url]],
    stop: () => [stop, orders.stop, enterprises.stop].forEach((end) => end()),
  };
};

await runExample(QUERY, start, { CUSTGRAPH_STITCHING_SDL: 'true' });
