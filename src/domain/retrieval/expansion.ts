/** What a model is asked for other wordings of a question. */
export const expansionPrompt = ({ question, count }: { question: string; count: number }): string =>
  `Write ${count} other ways to ask the question below, one on each line, without numbers or comments.\n\nQuestion: ${question}`;

/** The rewrites of a reply: its lines without list marks, each once, never the question itself. */
export function readRewrites({ reply, question, count }: { reply: string; question: string; count: number }): string[] {
  const lines = reply.split('\n').map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s*/u, '').trim());
  const known = new Set([question.trim().toLowerCase()]);
  const rewrites = lines.filter((line) => {
    if (line === '' || line.length > 1000 || known.has(line.toLowerCase())) return false;
    known.add(line.toLowerCase());
    return true;
  });
  return rewrites.slice(0, count);
}
