// What the neighbouring services know. The customers' and enterprises' ids are those of custgraph's sample data.
export const orders = Array.from({ length: 480 }, (_, index) => ({
  id: String(index + 1001),
  total: ((index % 89) * 7.35 + 12).toFixed(2),
  customerId: String((index % 240) + 1), // 240 customers, two orders each
}));

export const enterprises = [
  { id: '1', name: 'Riverbend Community Garden', town: 'Bellingen' },
  { id: '2', name: 'The Farm', town: 'Daylesford' },
  { id: '3', name: 'La Ferme des Trois Chênes', town: 'Crest' },
  { id: '4', name: 'Valley Veg Box', town: 'Stroud' },
  { id: '5', name: 'Prairie Basket Co-op', town: 'Regina' },
];
