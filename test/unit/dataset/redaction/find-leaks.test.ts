import { expect } from 'chai';
import { findLeaks } from '../../../../src/domain/dataset/redaction/find-leaks.js';

const typesIn = (text: string): string[] => findLeaks({ text }).map(({ type }) => type);

describe('findLeaks', () => {
  it('finds what was not redacted', () => {
    expect(typesIn('Mail anna@example.com.')).to.deep.equal(['EMAIL']);
    expect(typesIn('Call +49 30 2312 5100 now')).to.deep.equal(['PHONE']);
    expect(typesIn('Card 4111-1111-1111-1111 and 4111 1111 1111 1111')).to.deep.equal(['CARD', 'CARD']);
    expect(typesIn('IBAN DE89 3704 0044 0532 0130 00.')).to.deep.equal(['IBAN']);
    expect(typesIn('From 192.168.0.1, then [2001:db8::1:2]')).to.deep.equal(['IP', 'IP']);
    expect(typesIn('An Lindenstraße 14, 50674 Köln')).to.deep.equal(['ADDRESS']);
  });

  it('says where', () => {
    const text = 'Write to: anna@example.com!';
    const [leak] = findLeaks({ text });
    expect(text.slice(leak!.start, leak!.end)).to.equal('anna@example.com');
  });

  it('finds nothing in placeholders, prices, dates, versions and order numbers', () => {
    for (const text of [
      '[EMAIL_1] and [PHONE_2] paid [CARD_1]',
      '+[PHONE_1] 1234 5678',
      'EUR 1.299,00 on 14.03.2024 at 16:45',
      'Firmware 2.14.0.7 for model KX-4500-B',
      'Order 100045872, tracking 1Z999AA10123456784, ISBN 978-3-16-148410-0',
      'logo@2x.png and react@18.2.0',
      '',
    ]) {
      expect(findLeaks({ text }), text).to.deep.equal([]);
    }
  });
});
