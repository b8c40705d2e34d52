import { monitoring, volumes } from './cluster.js';
import { gateway } from './gateway.js';
import { modelImport, training } from './jobs.js';
import { worker } from './worker.js';

export { figuresLog } from './cluster.js';
export { gatewayPrefixes } from './gateway.js';
export type { Arns, Permission } from './permission.js';

/** What every role of an installation may do. */
export const permissions = { gateway, worker, training, modelImport, volumes, monitoring };
