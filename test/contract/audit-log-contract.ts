import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { AuditEntry, AuditKeys, AuditLog } from '../../src/activities/ports.js';
import { expectPortError } from './support/expect-port-error.js';

/** An entry of any model, told apart by its key. */
export const auditEntry = (key: string, details: Record<string, unknown> = {}): AuditEntry => ({
  key,
  kind: 'decision',
  actor: 'rollout:m-r1',
  releaseId: 'm-r1',
  reason: 'p95 512 ms > 450 ms',
  evidenceDigest: null,
  details,
});

/** What every audit log must do. `open` returns the same log again, as another process would see it. */
export function describeAuditLog({ name, open }: { name: string; open: () => AuditLog & AuditKeys }): void {
  describe(`${name} keeps the contract of AuditLog`, () => {
    const model = (): string => `model-${randomUUID()}`;

    it('numbers entries from 1, each model by itself', async () => {
      const [one, other] = [model(), model()];
      const log = open();
      expect(await log.append({ model: one, entry: auditEntry('a') })).to.include({ sequence: 1 });
      expect(await log.append({ model: one, entry: auditEntry('b') })).to.include({ sequence: 2 });
      expect(await log.append({ model: other, entry: auditEntry('a') })).to.include({ sequence: 1 });
    });

    it('never appends the same key twice, whoever asks, and answers with what stands there', async () => {
      const one = model();
      const [first, other] = [auditEntry('a', { at: 1 }), auditEntry('a', { at: 2 })];
      const log = open();
      expect(await log.append({ model: one, entry: first })).to.deep.equal({ sequence: 1, entry: first });
      await log.append({ model: one, entry: auditEntry('b') });
      for (const asked of [log, open()])
        expect(await asked.append({ model: one, entry: other })).to.deep.equal({ sequence: 1, entry: first });
    });

    it('gives 40 entries of 4 writers, each sent twice, 40 numbers without a gap', async () => {
      const one = model();
      const logs = Array.from({ length: 4 }, open);
      const sent = logs.flatMap((log, writer) =>
        Array.from({ length: 20 }, async (_, at) => {
          const key = `${writer}/${at % 10}`;
          return { key, ...(await log.append({ model: one, entry: auditEntry(key) })) };
        }),
      );
      const results = await Promise.all(sent);
      const byKey = new Map<string, Set<number>>();
      for (const { key, sequence } of results) byKey.set(key, (byKey.get(key) ?? new Set()).add(sequence));
      expect([...byKey.values()].every((sequences) => sequences.size === 1)).to.equal(true);
      const sequences = [...byKey.values()].flatMap((one) => [...one]).sort((a, b) => a - b);
      expect(sequences).to.deep.equal(Array.from({ length: 40 }, (_, at) => at + 1));
    });

    it('knows the keys of its entries in their order', async () => {
      const [one, other] = [model(), model()];
      const log = open();
      expect(await log.keys({ model: one })).to.deep.equal([]);
      const keys = Array.from({ length: 20 }, (_, at) => `entry/${19 - at}`);
      for (const key of [...keys, keys[0]!]) await log.append({ model: one, entry: auditEntry(key) });
      await log.append({ model: other, entry: auditEntry('a') });
      for (const asked of [log, open()]) expect(await asked.keys({ model: one })).to.deep.equal(keys);
    });

    it('refuses details that JSON would change', async () => {
      const entry = auditEntry('a', { ratio: NaN });
      await expectPortError(open().append({ model: model(), entry }), 'InvalidInput', 'details.ratio', 'NaN');
    });
  });
}
