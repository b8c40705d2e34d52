export { evaluation } from './evaluation.js';
export { ingest } from './ingest.js';
export { loadTest } from './load-test.js';
export { modelLifecycle } from './model-lifecycle.js';
export { release } from './release.js';
export { rollout } from './rollout.js';
export { scheduledTrigger } from './scheduled-trigger.js';
export { shadow } from './shadow.js';
