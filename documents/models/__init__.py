"""The records of document control; importing this registers them all."""

from documents.models.assignment import Assignment, AssignmentKind, AssignmentUnit
from documents.models.change_request import (
    ChangeItem,
    ChangeRequest,
    ChangeSource,
    ChangeState,
)
from documents.models.check_out import AsideFile, CheckOut
from documents.models.citation import Citation
from documents.models.comment import Comment, CommentKind
from documents.models.controlled_copy import (
    ENDINGS,
    OUT_STATES,
    PAST_STATES,
    ControlledCopy,
    CopyAnswer,
    CopyKind,
    CopyQuestion,
    CopyRound,
    CopyState,
    issue_obstacle,
)
from documents.models.digital_copy import DigitalCopy, DigitalKind, SealTry
from documents.models.disposal import (
    Disposal,
    DisposalItem,
    DisposalMethod,
    DisposalSeat,
    DisposalState,
    Hold,
    RetentionNotice,
)
from documents.models.distribution import (
    Acknowledgement,
    Distribution,
    DistributionPerson,
    DistributionUnit,
    ReadingCall,
    ReadingRequest,
    UnitMeeting,
)
from documents.models.document import (
    Confidentiality,
    Document,
    DocumentKind,
    DocumentReader,
    DocumentUnit,
)
from documents.models.external_document import ExternalDocument, ExternalState
from documents.models.file import FileReading, FileRecognition, FileRendition
from documents.models.following import SHOWN
from documents.models.impact import Impact
from documents.models.importing import (
    ImportBatch,
    ImportedHistory,
    ImportFile,
    ImportItem,
    ImportState,
)
from documents.models.invitation import Invitation, invitation_obstacle
from documents.models.issuance import IssuanceDecision, IssuanceItem
from documents.models.package import Answer, Decision, Package, SeatReason, Step, StepPerson
from documents.models.periodic_review import PeriodicReview, Verdict
from documents.models.publication import (
    Adoption,
    AdoptionEnd,
    Publication,
    PublicationBody,
    PublicationMode,
)
from documents.models.quality_record import QualityRecord, RecordNote
from documents.models.quiz import QuizAttempt, QuizQuestion
from documents.models.review_rung import ReviewRung
from documents.models.revision import (
    OPEN_STATES,
    FileRole,
    Revision,
    RevisionAuthor,
    RevisionFile,
    RevisionState,
)
from documents.models.route import Need, RouteStep, RouteTemplate, StepKind
from documents.models.scope import Scope, ScopeExclusion, ScopeState, ScopeUnit
from documents.models.withdrawal import Withdrawal, WithdrawalSeat, WithdrawalState
from documents.models.word_template import TemplatePurpose, WordTemplate

__all__ = [
    "ENDINGS",
    "OPEN_STATES",
    "OUT_STATES",
    "PAST_STATES",
    "SHOWN",
    "Acknowledgement",
    "Adoption",
    "AdoptionEnd",
    "Answer",
    "AsideFile",
    "Assignment",
    "AssignmentKind",
    "AssignmentUnit",
    "ChangeItem",
    "ChangeRequest",
    "ChangeSource",
    "ChangeState",
    "CheckOut",
    "Citation",
    "Comment",
    "CommentKind",
    "Confidentiality",
    "ControlledCopy",
    "CopyAnswer",
    "CopyKind",
    "CopyQuestion",
    "CopyRound",
    "CopyState",
    "Decision",
    "DigitalCopy",
    "DigitalKind",
    "Disposal",
    "DisposalItem",
    "DisposalMethod",
    "DisposalSeat",
    "DisposalState",
    "Distribution",
    "DistributionPerson",
    "DistributionUnit",
    "Document",
    "DocumentKind",
    "DocumentReader",
    "DocumentUnit",
    "ExternalDocument",
    "ExternalState",
    "FileReading",
    "FileRecognition",
    "FileRendition",
    "FileRole",
    "Hold",
    "Impact",
    "ImportBatch",
    "ImportFile",
    "ImportItem",
    "ImportState",
    "ImportedHistory",
    "Invitation",
    "IssuanceDecision",
    "IssuanceItem",
    "Need",
    "Package",
    "PeriodicReview",
    "Publication",
    "PublicationBody",
    "PublicationMode",
    "QualityRecord",
    "QuizAttempt",
    "QuizQuestion",
    "ReadingCall",
    "ReadingRequest",
    "RecordNote",
    "RetentionNotice",
    "ReviewRung",
    "Revision",
    "RevisionAuthor",
    "RevisionFile",
    "RevisionState",
    "RouteStep",
    "RouteTemplate",
    "Scope",
    "ScopeExclusion",
    "ScopeState",
    "ScopeUnit",
    "SealTry",
    "SeatReason",
    "Step",
    "StepKind",
    "StepPerson",
    "TemplatePurpose",
    "UnitMeeting",
    "Verdict",
    "Withdrawal",
    "WithdrawalSeat",
    "WithdrawalState",
    "WordTemplate",
    "invitation_obstacle",
    "issue_obstacle",
]
