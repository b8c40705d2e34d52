import type { Command } from 'commander';
import { currentUser, verb, withClient, type CommandContext } from './command-context.js';

interface DecideOptions {
  by: string;
  digest?: string;
  reason: string;
}

/** `approve RELEASE` and `reject RELEASE`: answer what a release waits for. */
export function addDecisions(program: Command, context: CommandContext): void {
  for (const decision of ['approve', 'reject'] as const) {
    const command = program
      .command(decision)
      .description(decision === 'approve' ? 'let a waiting release go on' : 'end a waiting release')
      .argument('<release>', 'such as support-assistant-r2')
      .option('--by <name>', 'who decides; never who requested it', currentUser())
      .option('--digest <digest>', 'evidence that was read; without it the one that the release shows now');
    verb<DecideOptions>({
      command:
        decision === 'approve'
          ? command.option('--reason <text>', 'why', '')
          : command.requiredOption('--reason <text>', 'why'),
      context,
      run: ({ arguments: [releaseId = ''], options: { by, digest, reason } }) =>
        withClient(context.settings(), async (client) => {
          const message = { releaseId, by, reason, ...(digest === undefined ? {} : { evidenceDigest: digest }) };
          const answer = await client[decision](message);
          const { approvals, required } = answer;
          const text =
            decision === 'approve'
              ? `${releaseId}: approved by ${by} (${approvals} of ${required})`
              : `${releaseId}: rejected by ${by}`;
          return { code: 0, data: { release: releaseId, decision, by, ...answer }, text };
        }),
    });
  }
}
