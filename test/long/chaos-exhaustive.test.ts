import { expect } from 'chai';
import type { ReleasePlan } from '../chaos/release-plan.js';
import { playChaos } from '../chaos/run.js';
import type { Fault } from '../chaos/world/faults.js';
import type { Moment } from '../chaos/world/world.js';

const calm: ReleasePlan = { kind: 'prompt', quality: 'good', deed: null };
const first: ReleasePlan = { kind: 'training', quality: 'good', deed: null };
const planOf = (releaseId: string): ReleasePlan => (releaseId.endsWith('-r1') ? first : calm);

/** A beginning or an end of an activity, of which one release has `ordinal`. */
type Point = Pick<Moment, 'activity' | 'when'> & { workflow: string; ordinal: number };

/** Counts the moments of second releases, by model. */
function counting(onPoint: (model: string, point: Point) => void) {
  const seen = new Map<string, number>();
  return ({ scope, method }: { scope: string; method: string }): void => {
    const [workflowId = '', activity = ''] = scope.split('/');
    const [workflow = '', releaseId = ''] = workflowId.split(':');
    if (!method.startsWith('activity.') || !releaseId.endsWith('-r2')) return;
    const key = `${scope}/${method}`;
    const ordinal = (seen.get(key) ?? 0) + 1;
    seen.set(key, ordinal);
    const when = method === 'activity.before' ? ('before' as const) : ('after' as const);
    onPoint(releaseId.replace(/-r2$/, ''), { workflow, activity, when, ordinal });
  };
}

const same = (one: Point, other: Point): boolean =>
  one.workflow === other.workflow &&
  one.activity === other.activity &&
  one.when === other.when &&
  one.ordinal === other.ordinal;

/** Nobody waits for the end of a watcher that is cancelled: it may come when all is over. */
const isUnwaited = ({ activity, when }: Point): boolean => activity === 'watchGuards' && when === 'after';

/** Every moment of the second release of one model, from the approval on, as it goes where nothing goes wrong. */
async function recordedPoints(): Promise<Point[]> {
  const points: Point[] = [];
  const count = counting((_, point) => void points.push(point));
  const report = await playChaos({
    ...{ seed: 1, planOf, releasesOf: new Map([['m1', 2]]), accidents: false },
    faults: {
      counts: new Map(),
      end: () => undefined,
      next: (call) => {
        count(call);
        return 'none';
      },
    },
  });
  expect(report.violations).to.deep.equal([]);
  const approval = points.findIndex(
    ({ workflow, activity }) => workflow === 'rollout' && activity === 'sendNotification',
  );
  return points.slice(approval).filter(({ workflow }) => workflow === 'rollout');
}

describe('a worker killed before and after every activity from the approval on, once each', function () {
  this.timeout(3_600_000);

  it('leaves a release that ends as it should', async () => {
    const points = await recordedPoints();
    expect(points.length).to.be.greaterThan(16);
    const victims = new Map(points.map((point, index) => [`m${index + 1}`, point]));
    const killed = new Set<string>();
    const counts = new Map<Fault, number>();
    let hit = false;
    const count = counting((model, point) => {
      const victim = victims.get(model);
      hit = victim !== undefined && !killed.has(model) && same(victim, point);
      if (hit) killed.add(model);
    });
    const report = await playChaos({
      ...{ seed: 1, planOf, accidents: false },
      releasesOf: new Map([...victims.keys()].map((model) => [model, 2])),
      faults: {
        counts,
        end: () => undefined,
        next: (call) => {
          hit = false;
          count(call);
          return hit ? 'killedBefore' : 'none';
        },
      },
    });
    expect(report.violations).to.deep.equal([]);
    const spared = [...victims].filter(([model, point]) => !killed.has(model) && !isUnwaited(point));
    expect(spared).to.deep.equal([]);
    expect(report.workersKilled).to.be.greaterThan(0);
    expect(report.outcomes).to.deep.equal({ 'promoted in retire': 2 * victims.size });
  });
});
