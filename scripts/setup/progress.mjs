const frames = ['-', '\\', '|', '/'];

/**
 * Progress of one step on `stream` (stderr): a bar against the expected seconds that redraws itself on a terminal,
 * else one line at the start, every 15 seconds and at the end. Returns {note(text), done(text), fail()}.
 */
export function startProgress({ title, expectedSeconds, stream = process.stderr, intervalMs = 15_000 }) {
  const begun = Date.now();
  const seconds = () => Math.round((Date.now() - begun) / 1000);
  const terminal = stream.isTTY === true;
  let latest = '';
  let tick = 0;
  const draw = () => {
    if (!terminal) return stream.write(`  ${title}: ${seconds()} s of about ${expectedSeconds} s ${latest}\n`);
    const filled = Math.min(19, Math.floor((seconds() / expectedSeconds) * 20));
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(20 - filled)}]`;
    const line = `${frames[tick++ % frames.length]} ${title} ${bar} ${seconds()} s of about ${expectedSeconds} s ${latest}`;
    return stream.write(`\r\u001b[2K${line.slice(0, (stream.columns ?? 80) - 1)}`);
  };
  if (!terminal) stream.write(`  ${title}: about ${expectedSeconds} s\n`);
  const timer = setInterval(draw, terminal ? 120 : intervalMs);
  const stop = () => {
    clearInterval(timer);
    if (terminal) stream.write('\r\u001b[2K');
  };
  return {
    note: (text) => (latest = text),
    done: (text) => {
      stop();
      stream.write(`  ${title}: ${text} in ${seconds()} s\n`);
    },
    fail: stop,
  };
}
