/**
 * Why a socket was closed. 4000 to 4499: connect again (after a random pause); 4500 to 4999: stop and tell the person.
 * Below 4000 the codes of RFC 6455 and the IANA registry.
 */
export const closeCodes = {
  goingAway: 1001,
  policyViolation: 1008,
  tooLarge: 1009,
  internal: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  /** The client reads too slowly: connect again and catch up. */
  lagging: 4008,
  draining: 4009,
  /** Not logged in within the time allowed. */
  notAuthenticated: 4501,
  sessionRevoked: 4502,
  /** The version of the protocol that was asked for is not spoken here. */
  versionNotSpoken: 4503,
} as const;
