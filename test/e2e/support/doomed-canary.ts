import { localEnvironment } from '../../support/temporal.js';
import { startCanaryRelease } from './canary-release.js';

/*
 * Temporal and the workers of a release in its canary, to be killed: says where its store is, then nothing more.
 * Started with the endpoint of the models and the lease.
 */
const [endpoint = '', lease = ''] = process.argv.slice(2);
const environment = await localEnvironment();
const { world } = await startCanaryRelease({ environment, endpoint, lease });
process.stdout.write(`${JSON.stringify({ root: world.root, temporal: environment.address })}\n`);
