import type { ReleaseRecord } from '../domain/release/release-record.js';
import type { AuditEntry, Ports } from './ports.js';

type Approval = ReleaseRecord['approvals'][number];

/** What the audit log says of one answer; the same answer is the same entry, whoever writes it down first. */
export const approvalEntry = ({ releaseId, approval }: { releaseId: string; approval: Approval }): AuditEntry => ({
  key: `approval/${releaseId}/${approval.at}/${approval.by}`,
  kind: 'approval',
  actor: approval.by,
  releaseId,
  reason: [approval.decision, approval.reason].filter((text) => text !== '').join(': '),
  evidenceDigest: approval.evidenceDigest,
  details: {
    decision: approval.decision,
    channel: approval.channel,
    at: approval.at,
    ...(approval.roles && { roles: approval.roles }),
  },
});

/** Who answered what about which evidence, written down before it takes effect. */
export function createApprovalAuditActivities({ audit }: Pick<Ports, 'audit'>) {
  return {
    async auditApprovals({
      model,
      releaseId,
      approvals,
    }: {
      model: string;
      releaseId: string;
      approvals: Approval[];
    }): Promise<void> {
      for (const approval of approvals) await audit.append({ model, entry: approvalEntry({ releaseId, approval }) });
    },
  };
}
