import { InvalidArgumentError, type Command } from 'commander';
import { bindToken, signApprover } from '../../domain/release/approver-token.js';
import { durationMilliseconds } from '../../domain/spec/quantities.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';

interface TokenOptions {
  by: string;
  role: string[];
  expires: number;
  for?: string;
  digest?: string;
  reject?: boolean;
}

const day = 86_400_000;

function durationOf(text: string): number {
  const found = durationMilliseconds(text);
  if (found !== null && found > 0) return found;
  throw new InvalidArgumentError('expected a duration such as 30d or 8h');
}

/** `token`: proves who approves. Whoever has the key of the workers makes tokens, for others or for one answer. */
export const addToken = (program: Command, context: CommandContext): Command =>
  verb<TokenOptions>({
    command: program
      .command('token')
      .description('make a token that proves who approves (needs UNDERSTUDY_APPROVER_KEY)')
      .requiredOption('--by <name>', 'whom it names')
      .option('--role <role...>', 'what they are, as approval.roles names it', ['approver'])
      .option('--expires <duration>', 'how long it is good', durationOf, 30 * day)
      .option('--for <release>', 'bind it to one answer, for the signal approvePromotion')
      .option('--digest <digest>', 'the evidence of that answer')
      .option('--reject', 'the answer is a refusal'),
    context,
    run: async ({ options: { by, role, expires, for: releaseId, digest, reject } }) => {
      const { approverKey } = context.settings();
      if (approverKey === null)
        throw new CannotRun('set UNDERSTUDY_APPROVER_KEY to the key that the workers check tokens with');
      if ((releaseId === undefined) !== (digest === undefined))
        throw new CannotRun('--for and --digest belong together: a bound token is good for one answer to one evidence');
      const now = Date.now();
      const [issuedAt, expiresAt] = [new Date(now).toISOString(), new Date(now + expires).toISOString()];
      const credential = signApprover({ claims: { by, roles: role, issuedAt, expiresAt }, key: approverKey.reveal() });
      const decision = reject ? ('reject' as const) : ('approve' as const);
      const token =
        releaseId === undefined || digest === undefined
          ? credential
          : bindToken({ token: credential, answer: { releaseId, evidenceDigest: digest, decision } });
      return { code: 0, data: { token, by, roles: role, expiresAt }, text: token };
    },
  });
