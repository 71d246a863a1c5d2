namespace VibeSync.Core
{
    /// <summary>
    /// The stable error codes. Generated from crates/scene/src/code.rs; to change it: VIBESYNC_BLESS=1 cargo test -p vibesync-scene errors
    /// </summary>
    public static class ErrorCode
    {
        /// <summary>frame too short or truncated</summary>
        public const string FrameTruncated = "VS-1001";
        /// <summary>frame too long</summary>
        public const string FrameTooLong = "VS-1002";
        /// <summary>header not valid JSON, too long or too deep</summary>
        public const string HeaderInvalid = "VS-1003";
        /// <summary>attachment sizes do not match the frame</summary>
        public const string AttachmentsInvalid = "VS-1004";
        /// <summary>message type unknown or not allowed now</summary>
        public const string MessageUnknown = "VS-1005";
        /// <summary>message malformed</summary>
        public const string MessageMalformed = "VS-1006";
        /// <summary>protocol or schema version not supported</summary>
        public const string VersionUnsupported = "VS-2001";
        /// <summary>wrong proof of the token</summary>
        public const string WrongProof = "VS-2002";
        /// <summary>wrong project</summary>
        public const string WrongProject = "VS-2003";
        /// <summary>handshake too slow</summary>
        public const string HandshakeTimeout = "VS-2004";
        /// <summary>another editor of this role is connected</summary>
        public const string RoleTaken = "VS-2005";
        /// <summary>too many connections</summary>
        public const string TooManyConnections = "VS-2006";
        /// <summary>no answer from the other side</summary>
        public const string PeerSilent = "VS-2007";
        /// <summary>uuid unknown</summary>
        public const string UuidUnknown = "VS-3001";
        /// <summary>uuid already used by another kind</summary>
        public const string UuidOtherKind = "VS-3002";
        /// <summary>number not finite or out of range</summary>
        public const string NumberInvalid = "VS-3003";
        /// <summary>component not allowed on this kind, or required and missing</summary>
        public const string ComponentInvalid = "VS-3004";
        /// <summary>mesh inconsistent (sizes, indices, submeshes)</summary>
        public const string MeshInvalid = "VS-3005";
        /// <summary>uuid is tombstoned</summary>
        public const string Tombstoned = "VS-3006";
        /// <summary>intent empty, too large, or names a uuid twice</summary>
        public const string IntentShape = "VS-3007";
        /// <summary>parent cycle</summary>
        public const string ParentCycle = "VS-3008";
        /// <summary>delete leaves children behind</summary>
        public const string ChildrenLeft = "VS-3009";
        /// <summary>blob unknown</summary>
        public const string BlobUnknown = "VS-3010";
        /// <summary>conflicting changes at the same time: quarantined</summary>
        public const string Conflict = "VS-3011";
        /// <summary>superseded by another change at the same time</summary>
        public const string Superseded = "VS-3012";
        /// <summary>quarantined: automation waits for a person</summary>
        public const string Quarantined = "VS-3013";
        /// <summary>a person is editing this: automation waits</summary>
        public const string PersonEditing = "VS-3014";
        /// <summary>locked: the other editor shows this value and cannot write it</summary>
        public const string FieldLocked = "VS-3015";
        /// <summary>image inconsistent (size, format, file)</summary>
        public const string ImageInvalid = "VS-3016";
        /// <summary>verification failed: the editor holds something else</summary>
        public const string VerificationFailed = "VS-4001";
        /// <summary>verification timed out</summary>
        public const string VerificationTimeout = "VS-4002";
        /// <summary>operation id reused with other content</summary>
        public const string OperationReused = "VS-4003";
        /// <summary>batch unknown</summary>
        public const string BatchUnknown = "VS-4004";
        /// <summary>the editor could not apply the change</summary>
        public const string ApplyFailed = "VS-4005";
        /// <summary>queue full, try again</summary>
        public const string QueueFull = "VS-4006";
        /// <summary>sequence ahead of the log: diverged</summary>
        public const string SequenceAhead = "VS-4007";
        /// <summary>interrupted before it was complete; rolled back at boot</summary>
        public const string Interrupted = "VS-4008";
        /// <summary>stale: the scene has changed since it was read</summary>
        public const string Stale = "VS-4009";
        /// <summary>log damaged</summary>
        public const string LogDamaged = "VS-5001";
        /// <summary>log poisoned after a failed write or fsync</summary>
        public const string LogPoisoned = "VS-5002";
        /// <summary>disk full</summary>
        public const string DiskFull = "VS-5003";
        /// <summary>registry disagrees with the log</summary>
        public const string RegistryRebuilt = "VS-5004";
        /// <summary>audit repository unavailable</summary>
        public const string AuditUnavailable = "VS-5005";
        /// <summary>blob damaged or missing</summary>
        public const string BlobDamaged = "VS-5006";
        /// <summary>commit unknown</summary>
        public const string CommitUnknown = "VS-5007";
        /// <summary>written by a newer VibeSync</summary>
        public const string NewerFormat = "VS-5008";
        /// <summary>disk operation failed</summary>
        public const string DiskFailed = "VS-5009";
        /// <summary>the log lacks records that something else has</summary>
        public const string LogDiverged = "VS-5010";
        /// <summary>backup damaged or no backup</summary>
        public const string BackupDamaged = "VS-5011";
        /// <summary>audit repository damaged</summary>
        public const string AuditDamaged = "VS-5012";
        /// <summary>configuration invalid</summary>
        public const string ConfigInvalid = "VS-6001";
        /// <summary>another daemon serves this project</summary>
        public const string ProjectTaken = "VS-6002";
        /// <summary>no daemon found</summary>
        public const string NoDaemon = "VS-6003";
        /// <summary>cannot listen</summary>
        public const string CannotListen = "VS-6004";
        /// <summary>runtime folder or token file unusable</summary>
        public const string RuntimeFolder = "VS-6005";
        /// <summary>internal error</summary>
        public const string InternalError = "VS-6006";
        /// <summary>service cannot be installed, started or stopped</summary>
        public const string ServiceUnavailable = "VS-6007";
        /// <summary>editor registry damaged</summary>
        public const string EditorRegistryDamaged = "VS-7001";
        /// <summary>duplicated uuid, regenerated</summary>
        public const string UuidDuplicated = "VS-7002";
        /// <summary>linked or read-only data cannot be changed</summary>
        public const string ReadOnlyData = "VS-7003";
        /// <summary>transform holds shear, which Unity cannot</summary>
        public const string Shear = "VS-7004";
        /// <summary>object vanished before it could be changed</summary>
        public const string ObjectVanished = "VS-7005";
        /// <summary>mesh file lost its content</summary>
        public const string MeshLost = "VS-7006";
        /// <summary>circuit breaker open: the same failure again</summary>
        public const string BreakerOpen = "VS-8001";
        /// <summary>known to be bad: blocked until a reset</summary>
        public const string KnownBad = "VS-8002";
        /// <summary>safe mode: automation is off</summary>
        public const string SafeMode = "VS-8003";
        /// <summary>the editor ended while it applied this</summary>
        public const string EditorCrashed = "VS-8004";
        /// <summary>automation exceeds its rate limit</summary>
        public const string RateLimited = "VS-8005";
        /// <summary>graph cannot be read</summary>
        public const string GraphUnreadable = "VS-9001";
        /// <summary>node catalogue missing or not usable</summary>
        public const string CatalogueUnusable = "VS-9002";
        /// <summary>graph breaks a rule</summary>
        public const string GraphInvalid = "VS-9003";
        /// <summary>manifest of an add-on refused</summary>
        public const string ManifestRefused = "VS-9101";
        /// <summary>add-on or tool unknown</summary>
        public const string CapabilityUnknown = "VS-9102";
        /// <summary>arguments of a call wrong</summary>
        public const string ParametersWrong = "VS-9103";
        /// <summary>requirement of an add-on not met</summary>
        public const string RequirementNotMet = "VS-9104";
        /// <summary>add-on not allowed yet, or changed since</summary>
        public const string NotAllowed = "VS-9105";
        /// <summary>tool of an add-on failed</summary>
        public const string HandlerFailed = "VS-9106";
        /// <summary>tool of an add-on did not answer in time</summary>
        public const string HandlerLate = "VS-9107";
        /// <summary>result of a tool or picture of an editor unusable</summary>
        public const string ResultUnusable = "VS-9108";
        /// <summary>tool of an add-on has no handler</summary>
        public const string HandlerMissing = "VS-9109";
        /// <summary>tool of an add-on changed what it may not</summary>
        public const string ForbiddenChange = "VS-9110";
        /// <summary>the agent may not do this</summary>
        public const string ScopeNotGranted = "VS-9201";
        /// <summary>a person must allow this first</summary>
        public const string ApprovalAwaited = "VS-9202";
        /// <summary>a person said no</summary>
        public const string PersonRefused = "VS-9203";
        /// <summary>budget of the agent used up</summary>
        public const string BudgetUsedUp = "VS-9204";
        /// <summary>kept for people</summary>
        public const string KeptForPeople = "VS-9205";
        /// <summary>the editor is not able now</summary>
        public const string EditorUnable = "VS-9206";
        /// <summary>glTF file cannot be imported</summary>
        public const string GltfInvalid = "VS-9301";
    }
}
