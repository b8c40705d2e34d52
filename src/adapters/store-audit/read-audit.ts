import { PortError, type ArtifactStore } from '../../activities/ports.js';
import { readAhead } from '../../activities/read-ahead.js';
import { parseJson } from '../../domain/parse-json.js';
import { auditPrefix, auditRecordSchema, type AuditRecord } from './audit-record.js';

/**
 * A model's audit log in its order; whether it is unbroken `verifyAudit` says.
 * @throws PortError `InvalidInput` naming a record that is none.
 */
export async function readAudit({ store, model }: { store: ArtifactStore; model: string }): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  const found = readAhead({
    things: store.list({ prefix: auditPrefix(model) }),
    read: async ({ key }) => ({ key, stored: await store.get({ key }) }),
  });
  for await (const { key, stored } of found) {
    const parsed = stored && auditRecordSchema.safeParse(parseJson(Buffer.from(stored.body).toString('utf8')));
    if (parsed?.success) records.push(parsed.data);
    else
      throw new PortError('InvalidInput', `${key}: is no audit record; "understudy audit verify ${model}" says more`);
  }
  return records;
}
