import { storeKeys } from '../contracts/store-keys.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { rollbackSentence, type RollbackTime } from '../domain/release/rollback-time.js';
import type { Clock } from './clock.js';
import { heartbeat, pause } from './heartbeat.js';
import type { Ports } from './ports.js';

const everyMilliseconds = 100;
const longestMilliseconds = 15_000;
/** A gateway writes at least this often; one that has not is gone. */
const liveMilliseconds = 60_000;
/** How many plans before the rollback's a gateway may still go by. */
const plansBefore = 3;

export interface MeasureRollbackInput {
  model: string;
  /** What was rolled back, or rehearsed. */
  releaseId: string;
  /** Of the plan that gives the champion everyone. */
  revision: number;
  evidenceAt: string;
  planAt: string;
  rehearsal: boolean;
}

/** How long rollbacks take at the gateways, which say in their telemetry which plan they go by. */
export function createRollbackTimeActivities({
  store,
  telemetry,
  audit,
  clock,
}: Pick<Ports, 'store' | 'telemetry' | 'audit'> & { clock: Clock }) {
  return {
    /** Waits until every gateway that served before goes by the plan, at most 15 s, and records when it did. */
    async measureRollback(input: MeasureRollbackInput): Promise<RollbackTime> {
      const { model, releaseId, revision, evidenceAt, planAt, rehearsal } = input;
      const began = Date.parse(clock.now());
      const adopted = new Map<string, string>();
      let live: string[] = [];
      for (;;) {
        const { snapshots } = await telemetry.read({ model, fromRevision: Math.max(1, revision - plansBefore) });
        const recent = snapshots.filter(({ ended, at }) => !ended && began - Date.parse(at) <= liveMilliseconds);
        live = [...new Set(recent.map(({ gateway }) => gateway))].sort();
        for (const one of snapshots)
          if (one.revision >= revision && !adopted.has(one.gateway)) adopted.set(one.gateway, one.at);
        if (live.every((gateway) => adopted.has(gateway))) break;
        if (Date.parse(clock.now()) - began >= longestMilliseconds) break;
        heartbeat({ adopted: adopted.size, of: live.length });
        await pause(everyMilliseconds);
      }
      const gateways = live.map((gateway) => ({ gateway, at: adopted.get(gateway) ?? null }));
      const last = gateways.every(({ at }) => at !== null)
        ? Math.max(...gateways.map(({ at }) => Date.parse(at!)))
        : Number.NaN;
      const seconds =
        gateways.length > 0 && Number.isFinite(last) ? Math.max(0, last - Date.parse(evidenceAt)) / 1000 : null;
      const time: RollbackTime = { evidenceAt, planAt, revision, gateways, seconds };
      await store.put({ key: storeKeys.rollbackTime({ model, revision }), body: Buffer.from(canonicalJson(time)) });
      await audit.append({
        model,
        entry: {
          key: `rollback-time/${revision}`,
          kind: 'rollback',
          actor: rehearsal ? 'drill' : 'rollback',
          releaseId,
          reason: `${rehearsal ? 'rehearsal: ' : ''}${rollbackSentence(time)}`,
          evidenceDigest: null,
          details: { revision, seconds, gateways: gateways.length },
        },
      });
      return time;
    },
  };
}
