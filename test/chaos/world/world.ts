import type { ChildProcess } from 'node:child_process';
import { PortError, type Notification } from '../../../src/activities/ports.js';
import { planKey } from '../../../src/adapters/store-router/store-router.js';
import { trafficPlanSchema, type TrafficPlan } from '../../../src/domain/rollout/traffic-plan.js';
import type { Answered, Call } from '../channel.js';
import type { Fault } from './faults.js';
import { startGateways, type Gateways } from './gateways.js';
import { createMemoryStore, type MemoryStore } from './memory-store.js';
import { createOutside, type Outside, type Quality } from './outside.js';

const landsLateMilliseconds = 700;

/** An activity that a worker begins or has ended. */
export interface Moment {
  workflowId: string;
  activity: string;
  when: 'before' | 'after';
}

export interface World {
  readonly store: MemoryStore;
  readonly outside: Outside;
  readonly gateways: Gateways;
  /** Every plan that was ever written, in order, by model. */
  readonly plans: ReadonlyMap<string, readonly TrafficPlan[]>;
  /** How many calls of each method have come. */
  readonly calls: ReadonlyMap<string, number>;
  /** Takes a worker's calls; `kill` ends its process. */
  serve(input: { worker: ChildProcess; kill: () => void }): void;
  close(): void;
}

type Effect = (input: unknown) => Promise<unknown>;

/** Everything outside of Temporal and the workers, in this process, which nobody kills. */
export function createWorld({
  models,
  qualityOf,
  answers,
  nextFault,
  onMoment = () => undefined,
  onNotification = () => undefined,
  trainingMilliseconds,
}: {
  models: readonly string[];
  qualityOf: (releaseId: string) => Quality;
  answers: ReadonlyMap<string, string>;
  nextFault: (input: { scope: string; method: string }) => Fault;
  onMoment?: (moment: Moment) => void;
  onNotification?: (notification: Notification) => void;
  trainingMilliseconds?: number;
}): World {
  const plans = new Map<string, TrafficPlan[]>(models.map((model) => [model, []]));
  const modelOfPlan = new Map(models.map((model) => [planKey(model), model]));
  const calls = new Map<string, number>();
  const store = createMemoryStore({
    onWrite: ({ key, body }) => {
      const model = modelOfPlan.get(key);
      if (model) plans.get(model)!.push(trafficPlanSchema.parse(JSON.parse(Buffer.from(body).toString())));
    },
  });
  const outside = createOutside({
    ...{ store, qualityOf, answers, onNotification },
    ...(trainingMilliseconds !== undefined && { trainingMilliseconds }),
  });
  const gateways = startGateways({ store, models, isHarmful: (releaseId) => qualityOf(releaseId) === 'harmful' });
  const ports = { store, ...outside.ports } as unknown as Record<string, Record<string, Effect>>;

  function effectOf({ method, scope }: Call): Effect {
    const [port, name] = method.split('.') as [string, string];
    if (port !== 'activity') return (input) => ports[port]![name]!(input);
    const [workflowId, activity] = scope.split('/') as [string, string];
    return async () => onMoment({ workflowId, activity, when: name as Moment['when'] });
  }

  async function answerOf({ call, kill }: { call: Call; kill: () => void }): Promise<Answered | null> {
    const effect = effectOf(call);
    const fault = nextFault(call);
    const done = async (): Promise<Answered> => ({ kind: 'done', result: await effect(call.input) });
    switch (fault) {
      case 'rateLimited':
        throw new PortError('RateLimited', `${call.method} answered 429`, 500);
      case 'unavailable':
        throw new PortError('Unavailable', `${call.method} answered 500`);
      case 'lostAnswer':
        await effect(call.input);
        throw new PortError('Unavailable', `${call.method}: the connection broke off`);
      case 'landsLate':
        setTimeout(() => void effect(call.input).catch(() => undefined), landsLateMilliseconds);
        throw new PortError('Timeout', `${call.method} took too long`);
      case 'repeated': {
        const first = await done();
        await effect(call.input).catch(() => undefined);
        return first;
      }
      case 'raceLost':
        store.touch(call.input as { key: string });
        return await done();
      case 'killedBefore':
        kill();
        return null;
      case 'killedAfter':
        await effect(call.input);
        kill();
        return null;
      case 'none':
        return await done();
    }
  }

  return {
    ...{ store, outside, gateways, plans, calls },
    serve: ({ worker, kill }) => {
      worker.on('message', (message) => {
        if (typeof message === 'string') return;
        const call = message as Call;
        calls.set(call.method, (calls.get(call.method) ?? 0) + 1);
        const send = (answer: Answered): void => {
          if (worker.connected) worker.send({ id: call.id, ...answer }, () => undefined);
        };
        answerOf({ call, kill }).then(
          (answer) => answer && send(answer),
          (error: unknown) => {
            const refused = error instanceof PortError ? error : new PortError('InvalidInput', String(error));
            const { type, message: said, retryAfterMilliseconds } = refused;
            send({ kind: 'refused', type, message: said, retryAfterMilliseconds });
          },
        );
      });
    },
    close: () => gateways.stop(),
  };
}
