import { expect } from 'chai';
import { contradicts } from '../../../../src/domain/retrieval/negation.js';

const cutoff =
  '- The next-day cutoff is **14:00**. A booking from 14:00 on travels a day later.\n- There is no delivery on bank holidays.';
const label = 'A label that does not print or is torn can be opened again as a PDF. It can’t be edited.';

describe('a sentence and the snippet that it stands on', () => {
  const against: [sentence: string, snippet: string][] = [
    ['The next-day cutoff is not 14:00.', cutoff],
    ["The next-day cutoff isn't 14:00.", cutoff],
    ['There is delivery on bank holidays.', cutoff],
    ['A label can be edited.', 'A label can’t be edited.'],
    ['Die Annahme endet nicht um 14 Uhr.', 'Die Annahme endet um 14 Uhr. Feiertags wird nicht geliefert.'],
    ['Wir liefern an Feiertagen.', 'An Feiertagen gilt: Wir werden nicht liefern.'],
    ['Det finns ingen garanti på varan.', 'Det finns garanti på varan i två år.'],
  ];
  for (const [sentence, snippet] of against)
    it(`contradict each other: ${sentence}`, () => expect(contradicts({ sentence, snippet })).to.equal(true));

  const alike: [sentence: string, snippet: string][] = [
    ['The next-day cutoff is 14:00.', cutoff],
    ['There is no delivery on bank holidays.', cutoff],
    ["We don't deliver on bank holidays.", cutoff],
    ['A torn label can be opened again as a PDF.', label],
    ['You cannot edit a label.', label],
    ['Standard has no guaranteed day.', '| Standard | none, because no day is guaranteed |'],
    ['You do not need a printer.', 'Without a printer, the QR code is enough.'],
    ['Nothing here says so.', 'Ganz andere Worte.'],
    ['O prazo está no contrato, e uma cópia fica no depósito.', 'O contrato diz o prazo. O depósito guarda uma cópia.'],
  ];
  for (const [sentence, snippet] of alike)
    it(`agree, or have nothing to do with each other: ${sentence}`, () =>
      expect(contradicts({ sentence, snippet })).to.equal(false));
});
