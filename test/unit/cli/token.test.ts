import { expect } from 'chai';
import { runCommandLine } from '../../../src/client/cli/program.js';
import type { CommandContext } from '../../../src/client/cli/command-context.js';
import { readSettings } from '../../../src/config/settings.js';
import { readBoundToken } from '../../../src/domain/release/approver-token.js';

const key = 'a key of sixteen characters and more';

async function run(line: string[], environment: Record<string, string>) {
  let [out, said, code] = ['', '', -1];
  const context: CommandContext = {
    out: (text) => void (out += text),
    say: (text) => void (said += `${text}\n`),
    lines: async function* () {},
    settings: () => readSettings({ environment }),
    exit: (value) => {
      code = value;
    },
  };
  await runCommandLine(['token', ...line], context);
  return { out: out.trim(), said, code };
}

describe('understudy token', () => {
  const environment = { UNDERSTUDY_APPROVER_KEY: key };
  const digest = 'e'.repeat(64);

  it('makes a token for a person, and one that is bound to an answer', async () => {
    const made = await run(['--by', 'bob', '--role', 'approver', 'lead', '--expires', '8h', '--json'], environment);
    expect(made.code).to.equal(0);
    const { token, roles } = JSON.parse(made.out) as { token: string; roles: string[] };
    expect(token).to.match(/^approver1\./);
    expect(roles).to.deep.equal(['approver', 'lead']);
    const bound = await run(['--by', 'bob', '--for', 'm-r2', '--digest', digest], environment);
    const read = readBoundToken({
      ...{ token: bound.out, key, by: 'bob', now: new Date().toISOString() },
      answer: { releaseId: 'm-r2', evidenceDigest: digest, decision: 'approve' },
    });
    expect('claims' in read && read.claims.roles).to.deep.equal(['approver']);
  });

  it('says what is missing', async () => {
    const keyless = await run(['--by', 'bob'], {});
    expect(keyless).to.include({ code: 2, out: '' });
    expect(keyless.said).to.match(/set UNDERSTUDY_APPROVER_KEY/);
    expect((await run(['--by', 'bob', '--for', 'm-r2'], environment)).said).to.match(
      /--for and --digest belong together/,
    );
    expect((await run(['--by', 'bob', '--expires', 'soon'], environment)).code).to.equal(2);
    expect((await run(['--by', 'bob'], { UNDERSTUDY_APPROVER_KEY: 'short' })).said).to.match(/at least 16 characters/);
  });
});
