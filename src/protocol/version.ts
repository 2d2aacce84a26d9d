/**
 * The version of the wire, HTTP and socket together. Raise it with every change of a schema: the first number when an
 * old client would break, the second when there is something new. A test compares the wire with the last one released
 * under this version.
 */
export const wireVersion = '1.3.0';

/** What a socket offers at its handshake to speak the full protocol. */
export const subprotocol = 'messenger.v1';
