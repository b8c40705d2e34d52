import type { AuditEntry } from '../../activities/ports.js';
import { planDifference, planEntryKey, repeatedRevisionOfKey, revisionOfKey } from '../../domain/audit/plan-entry.js';
import { parseJson } from '../../domain/parse-json.js';
import { trafficPlanSchema, type TrafficPlan } from '../../domain/rollout/traffic-plan.js';
import { planKey } from '../store-router/store-router.js';
import { auditPrefix } from './audit-record.js';
import type { AuditProblem } from './verify-audit.js';

/** An entry and the key of its record in the store. */
export interface LoggedEntry {
  key: string;
  entry: AuditEntry;
}

/** What stood under the key of the traffic plan; null where nothing did. */
type Stood = { body: Uint8Array } | null;

type Logged = ReadonlyMap<number, LoggedEntry>;

/**
 * Holds the log against the traffic plan: each revision must have its entry, and the one in force must be what its entry
 * says. The newest revision alone may have no entry yet: whoever writes the next notes the one before.
 * @param before the plan before the log was read: the log must have come as far.
 * @param after the plan once the log was read: it must have come as far as the log.
 */
export function verifyPlans({
  model,
  entries,
  before,
  after,
}: {
  model: string;
  entries: readonly LoggedEntry[];
  before: Stood;
  after: Stood;
}): AuditProblem[] {
  const logged = new Map<number, LoggedEntry>();
  for (const one of entries) {
    const revision = revisionOfKey(one.entry.key);
    if (revision !== null) logged.set(revision, one);
  }
  return [
    ...gaps(logged),
    ...repeated(entries),
    ...inForce({ model, logged, before, after, isEmpty: entries.length === 0 }),
  ];
}

function gaps(logged: Logged): AuditProblem[] {
  const problems: AuditProblem[] = [];
  let last = 0;
  for (const [revision, { key, entry }] of [...logged].sort(([a], [b]) => a - b)) {
    const missing = revision - last - 1;
    // As 0.1.0 gave users back, a plan that its writer had not noted could be left out.
    const wasLeftOut = missing === 1 && entry.kind === 'rollback' && entry.details['planDigest'] === undefined;
    if (missing > 0 && !wasLeftOut) {
      const which = missing === 1 ? `plan ${last + 1}` : `plans ${last + 1} to ${revision - 1}`;
      problems.push({ key, problem: `tells of plan ${revision}, and no entry of ${which}: written past the log` });
    }
    last = revision;
  }
  return problems;
}

const repeated = (entries: readonly LoggedEntry[]): AuditProblem[] =>
  entries.flatMap(({ key, entry }) => {
    const revision = repeatedRevisionOfKey(entry.key);
    if (revision === null) return [];
    const problem = `tells of another plan than ${planEntryKey(revision)}: one was written over under its own number, or numbers were given again after one was removed`;
    return [{ key, problem }];
  });

function inForce({
  model,
  logged,
  before,
  after,
  isEmpty,
}: {
  model: string;
  logged: Logged;
  before: Stood;
  after: Stood;
  isEmpty: boolean;
}): AuditProblem[] {
  const plan = planKey(model);
  const log = auditPrefix(model);
  if (before && isEmpty)
    return [{ key: log, problem: `has no record, although ${plan} was written: the log was removed` }];
  const [earlier, later] = [parsed(before), parsed(after)];
  if (earlier === undefined || later === undefined)
    return [{ key: plan, problem: 'is no traffic plan, so that the log can’t be held against it' }];
  const newest = Math.max(0, ...logged.keys());
  if (earlier && newest < earlier.revision - 1)
    return [
      {
        key: log,
        problem: `ends at plan ${newest}, although ${plan} is revision ${earlier.revision}: its end was cut off`,
      },
    ];
  if (later && later.revision < newest)
    return [
      {
        key: plan,
        problem: `is revision ${later.revision}, although the log has plan ${newest}: an older plan was put back, or numbers were given again after one was removed; what is in force has no entry`,
      },
    ];
  const differences = [earlier, later].map((one) => {
    const entry = one && logged.get(one.revision)?.entry;
    return one && entry ? planDifference({ details: entry.details, plan: one }) : null;
  });
  const difference = differences.find((one) => one !== null);
  if (difference === undefined) return [];
  return [{ key: plan, problem: `is not what the log says of its revision, with ${difference}: it was edited` }];
}

/** Null where none stood there, undefined for what is none. */
function parsed(stood: Stood): TrafficPlan | null | undefined {
  return stood && trafficPlanSchema.safeParse(parseJson(Buffer.from(stood.body).toString())).data;
}
