import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { EmailNotifier } from '../../src/adapters/notifiers/email-notifier.js';
import { createAuthority, type IssuedCertificate } from '../support/certificates.js';
import { notification } from './notifier-contract.js';
import { expectPortError } from './support/expect-port-error.js';

interface Mail {
  from: string;
  to: string[];
  text: string;
  secure: boolean;
}

const answer = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });

describe('EmailNotifier', () => {
  let folder: string;
  let issued: IssuedCertificate;
  let server: SMTPServer | null;
  let mails: Mail[];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-mail-'));
    issued = await (await createAuthority({ folder })).issue('mail');
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    mails = [];
    server = null;
  });
  afterEach(async () => {
    await new Promise<void>((resolve) => (server ? server.close(resolve) : resolve()));
  });

  /** A server that wants ada's password, over TLS alone unless a test says otherwise. */
  async function start(options: SMTPServerOptions = {}): Promise<number> {
    server = new SMTPServer({
      key: issued.key,
      cert: issued.certificate,
      logger: false,
      onAuth: ({ username, password }, _session, callback) =>
        username === 'ada' && password === 'p@ss'
          ? callback(null, { user: username })
          : callback(new Error('wrong password')),
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            text: Buffer.concat(chunks).toString('utf8'),
            secure: session.secure,
          });
          callback();
        });
      },
      ...options,
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    return (server.server.address() as { port: number }).port;
  }

  const mail = (url: string) =>
    new EmailNotifier({ url, from: 'Understudy <understudy@example.com>', to: ['ada@example.com', 'bo@example.com'] });

  it('mails title and body to everyone, one message-id a key', async () => {
    const port = await start({ authOptional: true, disabledCommands: ['STARTTLS'] });
    const notifier = mail(`smtp://127.0.0.1:${port}`);
    await notifier.notify({ ...notification('a'), title: 'größer\r\nBcc: eve@example.com' });
    await notifier.notify(notification('a'));
    expect(mails).to.have.length(2);
    const [first, second] = mails;
    expect(first).to.deep.include({ from: 'understudy@example.com', to: ['ada@example.com', 'bo@example.com'] });
    expect(first!.text).not.to.match(/^Bcc:/im);
    expect(second!.text)
      .to.contain('Subject: [critical] support-assistant-r3 was rolled back')
      .and.to.contain('error rate 9.8 % > 2 %')
      .and.to.contain('Auto-Submitted: auto-generated');
    const id = (text: string): string | undefined => /^Message-ID: (.+)$/im.exec(text)?.[1];
    expect(id(first!.text)).to.equal(id(second!.text)).and.to.contain('@understudy.invalid');
  });

  it('gives its password over an encrypted connection alone', async () => {
    const port = await start({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
    const sending = mail(`smtp://ada:p%40ss@127.0.0.1:${port}`).notify(notification('a'));
    await expectPortError(sending, 'InvalidInput', 'STARTTLS');
    expect(mails).to.have.length(0);
  });

  it('refuses a server that nobody vouches for', async () => {
    const port = await start({ secure: true });
    const error = await expectPortError(
      mail(`smtps://ada:p%40ss@127.0.0.1:${port}`).notify(notification('a')),
      'Unavailable',
      'certificate',
    );
    expect(error.message).not.to.contain('p@ss').and.not.to.contain('p%40ss');
  });

  for (const [code, type] of [
    [421, 'Unavailable'],
    [450, 'RateLimited'],
    [550, 'InvalidInput'],
    [535, 'Unauthorised'],
  ] as const)
    it(`says ${type} for SMTP ${code}`, async () => {
      const port = await start({
        authOptional: true,
        disabledCommands: ['STARTTLS'],
        onRcptTo: (_address, _session, callback) => callback(answer(code, 'not now')),
      });
      await expectPortError(mail(`smtp://127.0.0.1:${port}`).notify(notification('a')), type, 'not now');
    });

  it('says Unavailable when nobody listens, or who listens is no mail server', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await new Promise((resolve) => other.close(resolve));
    await expectPortError(mail(`smtp://127.0.0.1:${port}`).notify(notification('a')), 'Unavailable', 'ECONNREFUSED');
  });
});
