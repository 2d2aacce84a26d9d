CREATE TABLE "drafts" (
	"chat_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"text" text NOT NULL,
	"reply_seq" bigint,
	"updated_at" timestamp(6) with time zone NOT NULL,
	CONSTRAINT "drafts_pkey" PRIMARY KEY("chat_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "mentions" (
	"chat_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "mentions_pkey" PRIMARY KEY("chat_id","user_id","seq")
);
--> statement-breakpoint
CREATE TABLE "message_edits" (
	"chat_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"edit" integer NOT NULL,
	"text" text NOT NULL,
	"mentions" jsonb,
	"written_at" timestamp(6) with time zone NOT NULL,
	CONSTRAINT "message_edits_pkey" PRIMARY KEY("chat_id","seq","edit")
);
--> statement-breakpoint
CREATE TABLE "reactions" (
	"chat_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"emoji" text NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp(6) with time zone NOT NULL,
	CONSTRAINT "reactions_pkey" PRIMARY KEY("chat_id","seq","emoji","user_id")
);
--> statement-breakpoint
ALTER TABLE "memberships" ADD COLUMN "marked_unread" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "pinned_at" timestamp(6) with time zone;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "pinned_by" uuid;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "reply_seq" bigint;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "forwarded_sender_id" uuid;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "forwarded_sent_at" timestamp(6) with time zone;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "mentions" jsonb;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "presence_hidden" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "messages_pinned_index" ON "messages" USING btree ("chat_id","pinned_at") WHERE "messages"."pinned_at" is not null;