import { extname } from 'node:path';
import { decodeText } from './decode-text.js';
import { htmlText } from './html-text.js';

/** The endings of files that are documents. */
export const documentEndings = ['.md', '.markdown', '.txt', '.html', '.htm', '.pdf'];

const mostPages = 2000;

/** The text of a file's bytes by its ending, or why there is none. */
export async function textOfFile({
  path,
  bytes,
}: {
  path: string;
  bytes: Uint8Array;
}): Promise<{ text: string } | { refused: string }> {
  const ending = extname(path).toLowerCase();
  if (ending === '.pdf') return await textOfPdf(bytes);
  const decoded = decodeText(bytes);
  if (decoded === null) return { refused: 'it is not UTF-8: save it in that encoding' };
  const text = ending === '.html' || ending === '.htm' ? htmlText(decoded) : decoded;
  if (text.trim() === '') return { refused: 'it holds no text' };
  return { text };
}

async function textOfPdf(bytes: Uint8Array): Promise<{ text: string } | { refused: string }> {
  const { extractText, getDocumentProxy } = await import('unpdf');
  try {
    const pdf = await getDocumentProxy(new Uint8Array(bytes));
    try {
      if (pdf.numPages > mostPages)
        return { refused: `it has ${pdf.numPages} pages, more than ${mostPages}: split it` };
      const { text } = await extractText(pdf, { mergePages: false });
      const pages = text.map((page) => page.trim()).filter((page) => page !== '');
      if (pages.length === 0)
        return { refused: `none of its ${pdf.numPages} pages holds text, as scans do: run text recognition over it` };
      return { text: pages.join('\n\n') };
    } finally {
      await pdf.loadingTask.destroy();
    }
  } catch (error) {
    return { refused: `it can't be read as PDF (${error instanceof Error ? error.message : String(error)})` };
  }
}
