import { monitoring, volumes } from './cluster.js';
import { gateway } from './gateway.js';
import { bridge } from './endpoints.js';
import { modelImport, serving, training } from './jobs.js';
import { worker } from './worker.js';

export { figuresLog } from './cluster.js';
export { gatewayPrefixes } from './gateway.js';
export type { Arns, Permission } from './permission.js';

/** What every role of an installation may do. */
export const permissions = { gateway, worker, bridge, training, serving, modelImport, volumes, monitoring };
