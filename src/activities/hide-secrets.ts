const hidden = '(secret)';
/** A shorter text would be found by chance, and taken out of the middle of words. */
const shortestSecret = 6;

/** Takes secrets out of texts, as they are, in base64 and as part of an address. */
export type HideSecrets = (text: string) => string;

/** The password within an address, such as a mail server's: what answers repeats that, and not the address. */
function passwordIn(secret: string): string[] {
  if (!URL.canParse(secret)) return [];
  const { password } = new URL(secret);
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    // A percent sign that stands for itself.
    return [password];
  }
}

/** A shorter part of a path is a word such as `services`. */
const shortestSecretPart = 16;

/** The path of an address that is a password itself, such as an incoming webhook's: who knows no such path repeats it. */
function pathIn(secret: string): string[] {
  if (!URL.canParse(secret)) return [];
  const { protocol, pathname, search } = new URL(secret);
  if (!['https:', 'http:'].includes(protocol)) return [];
  const parts = pathname.split('/').filter((part) => part.length >= shortestSecretPart);
  return [pathname + search, pathname, ...parts];
}

/** The token of a header such as `Bearer ...`: a server may repeat it without its scheme. */
const tokenIn = (secret: string): string[] => /^(?:basic|bearer|token)\s+(\S+)$/i.exec(secret)?.slice(1) ?? [];

/** Takes every one of `secrets` out of a text: what servers and programs say may repeat what they were sent. */
export function hideSecrets(secrets: readonly string[]): HideSecrets {
  const forms = secrets
    .flatMap((one) => [one, ...passwordIn(one), ...pathIn(one), ...tokenIn(one)])
    .filter((one) => one.length >= shortestSecret)
    .flatMap((one) => [one, encodeURIComponent(one), Buffer.from(one).toString('base64')]);
  const longestFirst = [...new Set(forms)].sort((one, other) => other.length - one.length);
  return (text) => longestFirst.reduce((left, secret) => left.replaceAll(secret, hidden), text);
}

/** An error with all its causes without secrets; the same object, since its class says what is done with it. */
export function withoutSecrets(error: unknown, hide: HideSecrets): unknown {
  const seen = new Set<unknown>();
  for (let one = error; one instanceof Error && !seen.has(one); one = one.cause) {
    seen.add(one);
    one.message = hide(one.message);
    if (one.stack !== undefined) one.stack = hide(one.stack);
  }
  return error;
}
