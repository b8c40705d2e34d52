import { expect } from 'chai';
import { createModelRemovalActivities } from '../../src/activities/model-removal.js';
import { PortError } from '../../src/activities/ports.js';

describe('the end of a removed model', () => {
  type Given = Parameters<typeof createModelRemovalActivities>[0];
  const world = (problems: Record<string, PortError>) => {
    const done: string[] = [];
    const act = async (what: string) => {
      if (problems[what]) throw problems[what];
      done.push(what);
    };
    const { retireModel } = createModelRemovalActivities({
      serving: { served: async () => ['m-r3'], retire: ({ releaseId }: { releaseId: string }) => act(releaseId) },
      registry: { removeAlias: ({ alias }: { alias: string }) => act(alias) },
      audit: { append: ({ entry }: { entry: { key: string } }) => act(entry.key) },
      store: { get: async () => null, compareAndSet: async () => act('pause').then(() => 'v') },
      clock: { now: () => '2026-03-01T00:00:00.000Z' },
    } as unknown as Given);
    const message = { model: 'm', releases: ['m-r1', 'm-r2'], by: 'ann', reason: 'the shop closes', step: 's' };
    return { done, ended: retireModel(message).catch((error: unknown) => error) };
  };

  it('goes on where one thing can not be done, and says all that is left', async () => {
    const { done, ended } = world({
      'm-r1': new PortError('Unauthorised', 'r1 may not be deleted'),
      champion: new PortError('Unavailable', 'MLflow is away'),
    });
    expect(await ended).to.include({
      type: 'Unavailable',
      retryable: true,
      message: 'not removed: m-r1: r1 may not be deleted; alias champion: MLflow is away',
    });
    expect(done).to.deep.equal(['m-r2', 'm-r3', 'challenger', 'pause']);
  });

  it('is in the audit log once nothing is left', async () => {
    const { done, ended } = world({});
    expect(await ended).to.equal(undefined);
    expect(done).to.deep.equal(['m-r1', 'm-r2', 'm-r3', 'champion', 'challenger', 'pause', 'removed/s']);
  });
});
