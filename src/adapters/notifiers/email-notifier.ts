import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { type FailureType, type Notification, type Notifier, PortError } from '../../activities/ports.js';

const timeoutMilliseconds = 10_000;

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

/** What an SMTP server's answer, or the library's code where there was none, means to Temporal. */
function failureTypeOf({ code, responseCode }: { code?: string; responseCode?: number }): FailureType {
  if (code === 'EAUTH' || responseCode === 530 || responseCode === 535) return 'Unauthorised';
  if (responseCode === 450 || responseCode === 452) return 'RateLimited';
  if (responseCode !== undefined) return responseCode >= 500 ? 'InvalidInput' : 'Unavailable';
  if (code === 'ETIMEDOUT') return 'Timeout';
  return code === 'EENVELOPE' ? 'InvalidInput' : 'Unavailable';
}

/**
 * Mails by SMTP (RFC 5321). A password goes over an encrypted connection alone: TLS from the start with `smtps:`, else
 * STARTTLS. One key is one message-id, so that a mail that was sent twice is seen once where readers go by it.
 */
export class EmailNotifier implements Notifier {
  readonly #url: URL;
  readonly #from: string;
  readonly #to: readonly string[];

  constructor({ url, from, to }: { url: string; from: string; to: readonly string[] }) {
    this.#url = new URL(url);
    this.#from = from;
    this.#to = to;
  }

  async notify({ key, severity, title, body, model, releaseId }: Notification): Promise<void> {
    const { hostname, protocol, username, password, port } = this.#url;
    const secure = protocol === 'smtps:';
    const transport = createTransport({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (secure ? 465 : 587)),
      secure,
      requireTLS: !secure && (password !== '' || !loopback.test(hostname)),
      ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
      connectionTimeout: timeoutMilliseconds,
      greetingTimeout: timeoutMilliseconds,
      socketTimeout: timeoutMilliseconds,
    });
    const digest = createHash('sha256').update(key).digest('hex').slice(0, 32);
    try {
      await transport.sendMail({
        from: this.#from,
        to: [...this.#to],
        subject: `[${severity}] ${title}`,
        text: `${body}\n\n${releaseId ?? model}\n${key}\n`,
        messageId: `<${digest}@understudy.invalid>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Understudy-Key': encodeURIComponent(key) },
        ...(severity === 'critical' ? { priority: 'high' as const } : {}),
        disableFileAccess: true,
        disableUrlAccess: true,
      });
    } catch (error) {
      const { code, responseCode, message } = error as Error & { code?: string; responseCode?: number };
      const type = failureTypeOf({
        ...(code === undefined ? {} : { code }),
        ...(responseCode === undefined ? {} : { responseCode }),
      });
      throw new PortError(type, `mail by ${hostname}: ${message}`, null, { cause: error });
    } finally {
      transport.close();
    }
  }
}
