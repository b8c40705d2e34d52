import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { openStore } from '../../adapters/open-store.js';
import { verifyAudit, type AuditAnchor, type AuditVerification } from '../../adapters/store-audit/verify-audit.js';
import type { ArtifactStore } from '../../activities/ports.js';
import { addAuditExplain } from './audit-explain.js';
import { addAuditRecompute } from './audit-recompute.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';

/**
 * Every model that has a log or should have one: a log that was removed as a whole is known by the head that was noted,
 * by the traffic plan, or by an anchor.
 */
async function auditedModels({
  store,
  anchors = [],
}: {
  store: ArtifactStore;
  anchors?: readonly AuditAnchor[];
}): Promise<string[]> {
  const models = new Set(anchors.map(({ model }) => model));
  for (const prefix of ['audit/', 'audit-heads/', 'traffic/'])
    for await (const { key } of store.list({ prefix })) models.add(key.split('/')[1]!.replace(/\.json$/, ''));
  return [...models].sort();
}

const line = (model: string, { ok, entries, head, anchors, problems }: AuditVerification): string =>
  [
    [
      `${model}: ${entries} entries, ${ok ? 'unbroken' : 'BROKEN'}`,
      ...(head === null ? [] : [`head ${head.sequence} ${head.digest}`]),
      ...(anchors === 0 ? [] : [`held against ${anchors} anchor${anchors === 1 ? '' : 's'}`]),
    ].join(', '),
    ...problems.map(({ key, problem }) => `  ${key}: ${problem}`),
  ].join('\n');

const anchorSchema = z.object({ model: z.string().min(1), sequence: z.number().int().min(1), digest: z.string() });

/** One anchor a line, as `audit anchor` prints them; at least one, as an empty file would be held against nothing. */
async function readAnchors(file: string): Promise<AuditAnchor[]> {
  try {
    const lines = (await readFile(file, 'utf8')).split('\n').filter((text) => text.trim() !== '');
    if (lines.length === 0) throw new RangeError('it is empty');
    return lines.map((text) => anchorSchema.parse(JSON.parse(text)));
  } catch (error) {
    throw new CannotRun(
      `${file}: holds no anchors (${(error as Error).message}); expected what "audit anchor" printed`,
    );
  }
}

/** A model without an anchor would pass unproven, where an anchor was asked for. */
function requireAnchors({
  models,
  anchors,
  files,
}: {
  models: readonly string[];
  anchors: readonly AuditAnchor[];
  files: readonly string[];
}): void {
  const lacking = models.filter((one) => anchors.every(({ model }) => model !== one));
  if (files.length === 0 || lacking.length === 0) return;
  throw new CannotRun(
    `${files.join(', ')}: no anchor of ${lacking.join(', ')}; name the model that you have an anchor of, or add the file that has one. Of a model that is newer than your anchors, "understudy audit anchor MODEL" prints the first`,
  );
}

/** `audit anchor`: the end of each log, to be kept where whoever can write the store can't. */
const addAnchor = (audit: Command, context: CommandContext): Command =>
  verb({
    command: audit
      .command('anchor')
      .description('print the end of each log, one JSON line a model, to be kept away from the store')
      .argument('[model]', 'only this one'),
    context,
    run: async ({ arguments: [model] }) => {
      const settings = context.settings();
      const store = openStore({ location: settings.store });
      const anchors: AuditAnchor[] = [];
      for (const one of model === undefined ? await auditedModels({ store }) : [model]) {
        const { ok, head, problems } = await verifyAudit({ store, model: one });
        if (!ok) throw new CannotRun(`${one}: its log is broken (${problems[0]!.problem}); nothing to anchor`);
        if (head) anchors.push({ model: one, ...head });
      }
      if (anchors.length === 0) throw new CannotRun(`${settings.store} holds no audit log; check UNDERSTUDY_STORE`);
      return { code: 0, data: { anchors }, text: anchors.map((one) => JSON.stringify(one)).join('\n') };
    },
  });

/** `audit verify`: recomputes the hash chain of every audit log. */
export function addAudit(program: Command, context: CommandContext): void {
  const audit = program.command('audit').description('check the audit log');
  addAuditExplain(audit, context);
  addAuditRecompute(audit, context);
  addAnchor(audit, context);
  verb<{ anchor: string[] }>({
    command: audit
      .command('verify')
      .description('find any edited, missing or added entry; exit 1 where there is one')
      .argument('[model]', 'only this one')
      .option('--anchor <file...>', 'what "audit anchor" printed once and was kept elsewhere', []),
    context,
    run: async ({ arguments: [model], options }) => {
      const anchors = (await Promise.all(options.anchor.map(readAnchors))).flat();
      const settings = context.settings();
      const store = openStore({ location: settings.store });
      const models = model === undefined ? await auditedModels({ store, anchors }) : [model];
      if (models.length === 0) throw new CannotRun(`${settings.store} holds no audit log; check UNDERSTUDY_STORE`);
      requireAnchors({ models, anchors, files: options.anchor });
      const verified = new Map<string, AuditVerification>();
      for (const one of models) verified.set(one, await verifyAudit({ store, model: one, anchors }));
      const asked = model === undefined ? undefined : verified.get(model);
      if (asked?.ok && asked.entries === 0)
        throw new CannotRun(`${model} has no audit log in ${settings.store}; check its name and UNDERSTUDY_STORE`);
      const ok = [...verified.values()].every((one) => one.ok);
      return {
        code: ok ? 0 : 1,
        data: { ok, models: Object.fromEntries(verified) },
        text: [...verified].map(([name, one]) => line(name, one)).join('\n'),
      };
    },
  });
}
