/**
 * Every bound of the product, in one place. Names carry their unit. `RATE_LIMITS=off` lifts the groups `rates` and
 * `counts`, nothing else.
 */
export const limits = {
  /** `maxSeenAnnounced`: of the messages of a chat that became seen by all at once, the newest are told to their senders. */
  message: { maxCodePoints: 8_000, maxBytes: 32 * 1024, maxSeenAnnounced: 100, maxMentions: 50, maxEdits: 100 },
  /** Different emoji on one message: of one person, and of all. */
  reactions: { maxPerPerson: 10, maxPerMessage: 50 },
  /**
   * `maxPageBytes`: of texts; a page ends before it would be more, but for its first row. `maxWaitSeconds`: over HTTP for the
   * next change, with so many requests of a person at a time.
   */
  sync: { defaultRows: 200, maxRows: 500, maxPageBytes: 512 * 1024, maxWaitSeconds: 30, maxWaitsPerPerson: 20 },
  /** Of texts, in an answer that has no pages: it ends before it would be more, but for its first row. */
  lists: { maxBytes: 2 * 1024 * 1024 },
  /** Of a person: of drafts longer than `longBytes` those kept longest go, where they are more than `maxLongBytes` together. */
  drafts: { longBytes: 512, maxLongBytes: 1024 * 1024 },
  /** How far members have got is told of a chat at most so often, of so many members at a time. */
  positions: { everyMs: 200, maxRows: 50 },
  /** What a chat is to one of its members is told to their own sockets at most so often. */
  ownStates: { everyMs: 200 },
  /**
   * People whose presence a socket hears of, how often it hears at most, and how long somebody stays there after their last
   * socket. `lookEveryMs`: when nobody told that somebody came or went, it is found out so much later.
   */
  presence: { maxWatched: 200, everyMs: 200, lingerMs: 5_000, lookEveryMs: 30_000 },
  /** A text for the lobby fits into one notification between nodes. `shownAtConnecting`: private messages one was sent. */
  lobby: { maxCodePoints: 1_500, shownAtConnecting: 20 },
  /** A client's frame and a JSON body alike; the shape is checked before the text is parsed. */
  json: { maxBytes: 128 * 1024, maxDepth: 16, maxKeys: 64, maxElements: 1_000 },
  text: {
    maxNameCodePoints: 255,
    maxUsernameCodePoints: 32,
    minUsernameCodePoints: 3,
    maxEmailBytes: 254,
    maxUserAgentCodePoints: 400,
    maxDescriptionCodePoints: 500,
    maxAboutCodePoints: 256,
    maxReasonCodePoints: 1_000,
    maxSearchCodePoints: 100,
  },
  password: { minLength: 8, maxBytes: 72 },
  page: { defaultRows: 50, maxRows: 200 },
  /** What clients of system 003 know, where it is less than elsewhere. */
  actions: { maxTextCodePoints: 4_096, maxKeyCodePoints: 64, maxTitleCodePoints: 100, maxPageRows: 100 },
  /** A client timestamp further in the future than this is stored as now. */
  clock: { maxAheadMs: 60_000 },
  counts: {
    membersPerGroup: 1_000,
    chatsPerUser: 2_000,
    sessionsPerUser: 20,
    socketsPerUser: 50,
    pinnedChats: 10,
    pinnedMessages: 100,
    invitesPerGroup: 100,
    reportsPerDay: 20,
  },
  rates: {
    /** Of a person, over all sockets: messages, and what the full protocol changes in messages and chats. */
    sends: { perSecond: 10, burst: 300 },
    /** Of a person, over all sockets, what the full protocol answers by reading; more wait. */
    asksAtOnce: 4,
    /** Of a person in one chat; more is not told. */
    typing: { perSecond: 1 / 3, burst: 1 },
    /** Of a person, over all chats. */
    typingAnywhere: { perSecond: 2, burst: 20 },
    /** Of a socket, whatever they are. */
    frames: { perSecond: 50, burst: 1_000 },
    http: { perSecond: 20, burst: 60 },
    strangers: { perSecond: 10, burst: 40 },
    registrationsPerHour: 20,
    /** Of a person: tries of invites that do not work. */
    wrongInvitesPerHour: 30,
    /** Of a person: searches for people, and whatever else tells whether an identifier is taken. */
    searchesPerMinute: 30,
    login: { triesPerAccount: 5, windowMs: 15 * 60_000, failuresPerAddressPerHour: 100 },
  },
  /** Index rows looked at for a page of found people; then the page ends, full or not. */
  search: { maxWalkedRows: 2_000 },
  hashing: { maxWaiting: 500 },
  /** By token: so many at a time are looked up, so that a crowd that comes back leaves the database to others too. */
  logins: { atOnce: 6, waitMs: 10_000 },
  sockets: {
    perProcess: 20_000,
    anonymousPerProcess: 2_000,
    anonymousPerAddress: 50,
    plainLoginWithinMs: 300_000,
    fullLoginWithinMs: 5_000,
    /** From a handshake that carries a token. */
    tokenLoginWithinMs: 30_000,
    pingEveryMs: 25_000,
    deadAfterMs: 60_000,
    historyDays: 90,
    maxFragments: 64,
    maxBufferedChunks: 512,
    maxPendingAutoPongs: 8,
    /** Frames of one socket that are accepted but not yet answered; beyond it the socket is read more slowly. */
    maxUnanswered: 512,
    /** Bytes of frames of one socket that wait for an earlier one; beyond it the socket is read more slowly. */
    maxWaitingBytes: 256 * 1024,
  },
  /** Above `lagAboveBytes` a socket that can catch up by itself is told that it lags, when it has read what it was sent. */
  backpressure: {
    lagAboveBytes: 256 * 1024,
    closeAboveBytes: 1024 * 1024,
    closeAfterMs: 15_000,
    /** What all sockets of a person may leave unread; then the one that holds most is cut off. */
    personBytes: 16 * 1024 * 1024,
  },
  tokens: {
    refreshReuseGraceMs: 60_000,
    refreshAbsoluteDays: 180,
    oneTimeLinkHours: 24,
    inviteDays: 7,
    maxLength: 2_048,
  },
  writer: { lanes: 2, maxBatchRows: 256, maxBatchBytes: 1024 * 1024, maxWaitingRows: 20_000, giveUpAfterMs: 5_000 },
  postgres: { statementMs: 5_000, lockMs: 2_000, poolConnections: 10, drizzleConnections: 4 },
  http: { headersMs: 10_000, requestMs: 30_000, uploadMs: 120_000, keepAliveMs: 5_000 },
  /** `maxAtOnce` of a process, `maxPerPerson` of them of one person; a file is on the disk within `receiveMs` or refused. */
  uploads: {
    avatarBytes: 5 * 1024 * 1024,
    maxFields: 8,
    maxFieldBytes: 1_024,
    receiveMs: 60_000,
    maxAtOnce: 100,
    maxPerPerson: 4,
    abandonedAfterMs: 600_000,
  },
  /** A picture that no row names is deleted when it has been stored for `settleMs`: longer than a request may take. */
  pictures: {
    maxPixels: 40_000_000,
    /** Of AVIF, whose decoder takes 20 bytes a pixel. */
    maxAvifPixels: 16_000_000,
    maxAtOnce: 2,
    maxWaiting: 32,
    decodeSeconds: 10,
    settleMs: 180_000,
  },
  /** Clients are told to come back at some moment within `comeBackWithinMs`, so that not all come at once. */
  drain: { sendsMs: 10_000, closesPerSecond: 200, closesMs: 15_000, hardExitMs: 30_000, comeBackWithinMs: 5_000 },
} as const;
