import type { Command } from 'commander';
import { openStore } from '../../adapters/open-store.js';
import { verifyAudit, type AuditVerification } from '../../adapters/store-audit/verify-audit.js';
import type { ArtifactStore } from '../../activities/ports.js';
import { addAuditRecompute } from './audit-recompute.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';

async function auditedModels(store: ArtifactStore): Promise<string[]> {
  const models = new Set<string>();
  for await (const { key } of store.list({ prefix: 'audit/' })) models.add(key.split('/')[1]!);
  return [...models];
}

const line = (model: string, { ok, entries, head, problems }: AuditVerification): string =>
  [
    `${model}: ${entries} entries, ${ok ? 'unbroken' : 'BROKEN'}${head === null ? '' : `, head ${head.sequence} ${head.digest}`}`,
    ...problems.map(({ key, problem }) => `  ${key}: ${problem}`),
  ].join('\n');

/** `audit verify`: recomputes the hash chain of every audit log. */
export function addAudit(program: Command, context: CommandContext): void {
  const audit = program.command('audit').description('check the audit log');
  addAuditRecompute(audit, context);
  verb({
    command: audit
      .command('verify')
      .description('find any edited, missing or added entry; exit 1 where there is one')
      .argument('[model]', 'only this one'),
    context,
    run: async ({ arguments: [model] }) => {
      const settings = context.settings();
      const store = openStore({ location: settings.store });
      const models = model === undefined ? await auditedModels(store) : [model];
      if (models.length === 0) throw new CannotRun(`${settings.store} holds no audit log; check UNDERSTUDY_STORE`);
      const verified: Record<string, AuditVerification> = {};
      for (const one of models) verified[one] = await verifyAudit({ store, model: one });
      const ok = Object.values(verified).every((one) => one.ok);
      return {
        code: ok ? 0 : 1,
        data: { ok, models: verified },
        text: Object.entries(verified)
          .map(([name, one]) => line(name, one))
          .join('\n'),
      };
    },
  });
}
