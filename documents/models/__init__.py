"""The records of document control; importing this registers them all."""

from documents.models.change_request import (
    ChangeItem,
    ChangeRequest,
    ChangeSource,
    ChangeState,
)
from documents.models.citation import Citation
from documents.models.comment import Comment
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
from documents.models.importing import (
    ImportBatch,
    ImportedHistory,
    ImportFile,
    ImportItem,
    ImportState,
)
from documents.models.issuance import IssuanceDecision, IssuanceItem
from documents.models.package import Answer, Decision, Package, SeatReason, Step, StepPerson
from documents.models.periodic_review import PeriodicReview, Verdict
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
from documents.models.wanting import SHOWN

__all__ = [
    "OPEN_STATES",
    "SHOWN",
    "Acknowledgement",
    "Answer",
    "ChangeItem",
    "ChangeRequest",
    "ChangeSource",
    "ChangeState",
    "Citation",
    "Comment",
    "Confidentiality",
    "Decision",
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
    "ImportBatch",
    "ImportFile",
    "ImportItem",
    "ImportState",
    "ImportedHistory",
    "IssuanceDecision",
    "IssuanceItem",
    "Need",
    "Package",
    "PeriodicReview",
    "QuizAttempt",
    "QuizQuestion",
    "ReadingCall",
    "ReadingRequest",
    "ReviewRung",
    "Revision",
    "RevisionAuthor",
    "RevisionFile",
    "RevisionState",
    "RouteStep",
    "RouteTemplate",
    "SeatReason",
    "Step",
    "StepKind",
    "StepPerson",
    "UnitMeeting",
    "Verdict",
]
