import { PortError, type ArtifactStore } from '../../activities/ports.js';
import { auditPrefix, auditRecordSchema, type AuditRecord } from './audit-record.js';

/**
 * A model's audit log in its order; whether it is unbroken `verifyAudit` says.
 * @throws PortError `InvalidInput` naming a record that is none.
 */
export async function readAudit({ store, model }: { store: ArtifactStore; model: string }): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const { key } of store.list({ prefix: auditPrefix(model) })) {
    const found = await store.get({ key });
    const parsed = found && auditRecordSchema.safeParse(parse(found.body));
    if (parsed?.success) records.push(parsed.data);
    else
      throw new PortError('InvalidInput', `${key}: is no audit record; "understudy audit verify ${model}" says more`);
  }
  return records;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return null;
  }
}
