import { describeQueries } from './query-contract.js';

describeQueries({ name: 'gateway', open: ({ world, ...change }) => world.gateway(change) });
